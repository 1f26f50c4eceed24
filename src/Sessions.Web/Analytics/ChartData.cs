using System.Globalization;
using System.Text.Json;
using Sessions.Web.Layout;

namespace Sessions.Web.Analytics;

/// <summary>The data of a chart's script.</summary>
public static class ChartData
{
    // The default encoder: it escapes the characters that could end the element with the JSON.
    private static readonly JsonSerializerOptions Writing = new(JsonSerializerDefaults.Web);

    /// <summary>
    /// Lines over time. Lines of the previous period have the same positions as those of the current one.
    /// </summary>
    public static string OverTime(
        string kind, IReadOnlyList<QueryLine> lines, string? interval, Unit unit, PageContext pageContext, Func<QueryLine, string> name)
    {
        IReadOnlyList<DateTimeOffset> starts = lines.FirstOrDefault(line => !line.IsPrevious)?.Starts ?? [];
        List<string> seen = [];
        var series = lines.Select(line =>
        {
            string label = name(line);
            if (!seen.Contains(label))
            {
                seen.Add(label);
            }

            return new
            {
                Label = line.IsPrevious ? $"{label}, previous period" : label,
                Color = seen.IndexOf(label),
                Previous = line.IsPrevious,
                Data = line.Points.Take(starts.Count),
            };
        }).ToArray();
        return JsonSerializer.Serialize(
            new { Kind = kind, Unit = unit.Word(), Labels = starts.Select(start => Label(start, interval, pageContext)), Series = series }, Writing);
    }

    /// <summary>One bar for each line.</summary>
    public static string OfValues(IReadOnlyList<QueryLine> lines, Unit unit, Func<QueryLine, string> name)
    {
        QueryLine[] now = [.. lines.Where(line => !line.IsPrevious)], before = [.. lines.Where(line => line.IsPrevious)];
        return JsonSerializer.Serialize(
            new
            {
                Kind = "bar",
                Unit = unit.Word(),
                Labels = now.Select(name),
                Series = new[] { (Lines: now, IsPrevious: false), (Lines: before, IsPrevious: true) }
                    .Where(part => part.Lines.Length > 0)
                    .Select(part => new
                    {
                        Label = part.IsPrevious ? "before" : "now",
                        Color = 0,
                        Previous = part.IsPrevious,
                        Data = part.Lines.Select(line => line.Value),
                    }),
            },
            Writing);
    }

    /// <summary>The start of a bucket, as short as the bucket's length allows.</summary>
    public static string Label(DateTimeOffset start, string? interval, PageContext pageContext) =>
        TimeZoneInfo.ConvertTime(start, pageContext.Zone).ToString(
            interval switch
            {
                "minute" or "hour" => "d MMM HH:mm",
                "month" => "MMM yyyy",
                _ => "d MMM",
            },
            CultureInfo.InvariantCulture);
}
