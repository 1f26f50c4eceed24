using System.Text.Json;
using System.Text.Json.Serialization;
using Sessions.Domain.Querying;
using Sessions.Web.Layout;

namespace Sessions.Web.Analytics;

/// <summary>The data of a chart's script.</summary>
public static class ChartData
{
    private const string NotOver = "not over yet";
    private const string OnlyPart = "only partly in the range";

    // The default encoder: it escapes the characters that could end the element with the JSON.
    private static readonly JsonSerializerOptions Writing =
        new(JsonSerializerDefaults.Web) { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull };

    /// <summary>
    /// Lines over time. Lines of the previous period have the same positions as those of the current one, and say which
    /// times theirs are.
    /// </summary>
    public static string OverTime(
        string kind, IReadOnlyList<QueryLine> lines, string? interval, PageRange range, Unit unit, PageContext pageContext, Func<QueryLine, string> name)
    {
        IReadOnlyList<DateTimeOffset> starts = lines.FirstOrDefault(line => !line.IsPrevious)?.Starts ?? [];
        BucketNames names = new(interval, pageContext);
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
                Label = line.IsPrevious ? $"{label}, {range.BeforeName}" : label,
                Color = seen.IndexOf(label),
                Previous = line.IsPrevious,
                Data = line.Points.Take(starts.Count),
                Titles = line.IsPrevious ? line.Starts.Take(starts.Count).Select(names.Title) : null,
            };
        }).ToArray();
        return JsonSerializer.Serialize(
            new
            {
                Kind = kind,
                Unit = unit.Word(),
                Labels = starts.Select((_, at) => names.Tick(starts, at)),
                Majors = Enumerable.Range(0, starts.Count).Where(at => names.IsMajor(starts, at)),
                Titles = starts.Select(names.Title),
                Partial = Partial(starts, interval, range, pageContext),
                Series = series,
            },
            Writing);
    }

    /// <summary>One bar for each line.</summary>
    public static string OfValues(IReadOnlyList<QueryLine> lines, Unit unit, Func<QueryLine, string> name)
    {
        Dictionary<QueryLine, int> places = new(ReferenceEqualityComparer.Instance);
        foreach ((int at, QueryLine line) in lines.Index())
        {
            places[line] = at;
        }

        QueryLine[] now = [.. lines.Where(line => !line.IsPrevious)], before = [.. lines.Where(line => line.IsPrevious)];
        return JsonSerializer.Serialize(
            new
            {
                Kind = "bars",
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
                        Rows = part.Lines.Select(line => places[line]),
                    }),
            },
            Writing);
    }

    /// <summary>The start of a bucket for the head of a table, as short as the bucket's length allows.</summary>
    public static string Label(DateTimeOffset start, string? interval, PageContext pageContext) =>
        new BucketNames(interval, pageContext).Label(start);

    /// <summary>
    /// The points that are not of a whole bucket, each with the reason: the bucket is not over, or it is longer than the
    /// range.
    /// </summary>
    internal static IReadOnlyDictionary<int, string> Partial(
        IReadOnlyList<DateTimeOffset> starts, string? interval, PageRange range, PageContext pageContext)
    {
        Dictionary<int, string> partial = [];
        if (starts.Count == 0 || !Enum.TryParse(interval, ignoreCase: true, out Interval length))
        {
            return partial;
        }

        LocalCalendar calendar = pageContext.Calendar;
        if (Bound(range.From, isEnd: false) is { } from && starts[0] < from)
        {
            partial[0] = OnlyPart;
        }

        DateTimeOffset? to = Bound(range.To, isEnd: true);
        for (int at = starts.Count - 1; at >= 0; at--)
        {
            DateTimeOffset end = Buckets.Next(starts[at], length, calendar);
            if (end > pageContext.Now)
            {
                partial[at] = NotOver;
            }
            else if (end > to)
            {
                partial[at] = OnlyPart;
            }
            else
            {
                break;
            }
        }

        return partial;

        DateTimeOffset? Bound(string? text, bool isEnd) =>
            Api.RequestTime.TryParse(text, isEnd, pageContext.Now, out DateTimeOffset? time, calendar) ? time : null;
    }
}
