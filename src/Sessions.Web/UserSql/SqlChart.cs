using System.Globalization;
using System.Text.Json;
using Sessions.Queries.UserSql;

namespace Sessions.Web.UserSql;

/// <summary>The chart of a result: its first column names the points, its columns of numbers are the series.</summary>
internal static class SqlChart
{
    private const int MostPoints = 400;
    private const int MostBars = 40;
    private const int MostSeries = 8;

    // The default encoder: it escapes the characters that could end the element with the JSON.
    private static readonly JsonSerializerOptions s_writing = new(JsonSerializerDefaults.Web);

    /// <summary>The chart's data; null when the result is not one of names and numbers.</summary>
    public static string? Of(SqlAnswer answer, TimeZoneInfo zone)
    {
        int[] numbers = [.. Enumerable.Range(1, Math.Max(0, answer.Columns.Count - 1)).Where(at => IsNumber(answer.Columns[at].Type)).Take(MostSeries)];
        if (answer.Rows.Count < 2 || numbers.Length == 0)
        {
            return null;
        }

        string type = answer.Columns[0].Type;
        bool isTime = type == "date" || type.StartsWith("timestamp", StringComparison.Ordinal);
        // Times as Postgres writes them are in order as texts.
        string?[][] rows = isTime
            ? [.. answer.Rows.Take(MostPoints).OrderBy(row => row[0], StringComparer.Ordinal)]
            : [.. answer.Rows.Take(MostBars)];
        string[] labels = [.. rows.Select(row => row[0] is not { } first ? "null" : type.EndsWith("with time zone", StringComparison.Ordinal) ? Local(first) : first)];
        return JsonSerializer.Serialize(
            new
            {
                Kind = isTime ? "line" : "bars",
                Unit = "count",
                Labels = labels,
                Titles = labels,
                Series = numbers.Select((column, at) => new
                {
                    Label = answer.Columns[column].Name,
                    Color = at,
                    Previous = false,
                    Data = rows.Select(row => double.TryParse(row[column], NumberStyles.Float, CultureInfo.InvariantCulture, out double value) && double.IsFinite(value) ? value : (double?)null),
                }),
            },
            s_writing);

        string Local(string time) => DateTimeOffset.TryParse(time, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset read)
            ? TimeZoneInfo.ConvertTime(read, zone).ToString("d MMM yyyy HH:mm", CultureInfo.InvariantCulture)
            : time;
    }

    /// <summary>Whether the values of a type are numbers.</summary>
    public static bool IsNumber(string type) =>
        type is "smallint" or "integer" or "bigint" or "real" or "double precision" || type.StartsWith("numeric", StringComparison.Ordinal);
}
