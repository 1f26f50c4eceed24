using Npgsql;
using Sessions.Database;
using Sessions.Database.Properties;
using Sessions.Domain.Querying.Hours;

namespace Sessions.Queries.Hours;

/// <summary>Reads the columns of the hourly aggregates from session rows.</summary>
internal static class HourRows
{
    private const int FirstNumber = 2;

    private static readonly int FirstText = FirstNumber + HourColumns.Numbers.Count;

    /// <summary>The SQL list of the columns; the sessions have the alias <c>s</c>.</summary>
    public static string Columns { get; } = string.Join(
        ", ",
        [
            "s.start_timestamp", "s.distinct_id",
            .. HourColumns.Numbers.Select(name => Number(SessionProperties.Find(name)!)),
            .. HourColumns.Texts.Select(name => $"s.{SessionProperties.Find(name)!.Column}"),
        ]);

    /// <summary>The number of columns.</summary>
    public static int Count { get; } = FirstText + HourColumns.Texts.Count;

    /// <summary>Reads a statement and replaces <c>{columns}</c> with the columns.</summary>
    public static string Statement(string file) => SqlFile.Read(file).Replace("{columns}", Columns, StringComparison.Ordinal);

    /// <summary>Reads the reader's current row.</summary>
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

    /// <summary>Converts a time to microseconds since 1970.</summary>
    public static long Microseconds(DateTimeOffset time) =>
        (time.UtcTicks / TimeSpan.TicksPerMicrosecond) - (DateTimeOffset.UnixEpoch.Ticks / TimeSpan.TicksPerMicrosecond);

    /// <summary>Converts microseconds since 1970 to a time.</summary>
    public static DateTimeOffset Time(long microseconds) => DateTimeOffset.UnixEpoch.AddTicks(microseconds * TimeSpan.TicksPerMicrosecond);

    /// <summary>The start of the hour that contains a time.</summary>
    public static DateTimeOffset HourOf(DateTimeOffset time) => new(time.UtcTicks - (time.UtcTicks % TimeSpan.TicksPerHour), TimeSpan.Zero);

    private static string Number(SessionProperty property) => property.Type switch
    {
        PropertyType.Seconds => $"(s.{property.Column} * 1000)::bigint",
        PropertyType.Boolean => $"s.{property.Column}::integer::bigint",
        PropertyType.Number => $"s.{property.Column}::bigint",
        _ => throw new InvalidOperationException($"{property.Name} is no number that an hour keeps."),
    };
}
