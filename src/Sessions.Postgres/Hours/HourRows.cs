using Npgsql;
using Sessions.Domain.Querying.Hours;
using Sessions.Postgres.Queries;

namespace Sessions.Postgres.Hours;

/// <summary>Reads from sessions' rows what their hours keep of them.</summary>
internal static class HourRows
{
    private const int FirstNumber = 2;

    private static readonly int FirstText = FirstNumber + HourColumns.Numbers.Count;

    /// <summary>The columns as a statement lists them; the sessions have the alias <c>s</c>.</summary>
    public static string Columns { get; } = string.Join(
        ", ",
        [
            "s.start_timestamp", "s.distinct_id",
            .. HourColumns.Numbers.Select(name => Number(SessionProperties.Find(name)!)),
            .. HourColumns.Texts.Select(name => $"s.{SessionProperties.Find(name)!.Column}"),
        ]);

    /// <summary>How many there are.</summary>
    public static int Count { get; } = FirstText + HourColumns.Texts.Count;

    /// <summary>A statement that lists the columns in the place of <c>{columns}</c>.</summary>
    public static string Statement(string file) => QueryText.Read(file).Replace("{columns}", Columns, StringComparison.Ordinal);

    /// <summary>The reader's current row.</summary>
    public static HourRow Read(NpgsqlDataReader reader)
    {
        long?[] numbers = new long?[HourColumns.Numbers.Count];
        for (int place = 0; place < numbers.Length; place++)
        {
            numbers[place] = reader.IsDBNull(FirstNumber + place) ? null : reader.GetInt64(FirstNumber + place);
        }

        string?[] texts = new string?[HourColumns.Texts.Count];
        for (int place = 0; place < texts.Length; place++)
        {
            texts[place] = reader.IsDBNull(FirstText + place) ? null : reader.GetString(FirstText + place);
        }

        return new HourRow(Microseconds(reader.GetFieldValue<DateTimeOffset>(0)), reader.GetString(1), numbers, texts);
    }

    /// <summary>A time in microseconds since 1970.</summary>
    public static long Microseconds(DateTimeOffset time) =>
        (time.UtcTicks / TimeSpan.TicksPerMicrosecond) - (DateTimeOffset.UnixEpoch.Ticks / TimeSpan.TicksPerMicrosecond);

    /// <summary>The time that so many microseconds since 1970 are.</summary>
    public static DateTimeOffset Time(long microseconds) => DateTimeOffset.UnixEpoch.AddTicks(microseconds * TimeSpan.TicksPerMicrosecond);

    /// <summary>The hour that a time is in.</summary>
    public static DateTimeOffset HourOf(DateTimeOffset time) => new(time.UtcTicks - (time.UtcTicks % TimeSpan.TicksPerHour), TimeSpan.Zero);

    private static string Number(SessionProperty property) => property.Type switch
    {
        PropertyType.Seconds => $"(s.{property.Column} * 1000)::bigint",
        PropertyType.Boolean => $"s.{property.Column}::integer::bigint",
        PropertyType.Number => $"s.{property.Column}::bigint",
        _ => throw new InvalidOperationException($"{property.Name} is no number that an hour keeps."),
    };
}
