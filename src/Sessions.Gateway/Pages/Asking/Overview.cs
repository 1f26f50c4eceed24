using Sessions.Gateway.Pages.Frame;

namespace Sessions.Gateway.Pages.Asking;

/// <summary>A number of the overview.</summary>
/// <param name="Id">Names it in the page's address.</param>
/// <param name="Name">What people call it.</param>
/// <param name="Series">How it is asked for.</param>
/// <param name="LessIsBetter">Whether it is good news when it falls.</param>
/// <param name="Plus">A series that is added to it; null for none.</param>
public sealed record Metric(string Id, string Name, SeriesRow Series, bool LessIsBetter = false, SeriesRow? Plus = null)
{
    /// <summary>All that is asked for at once: a series for each number, then those that are added.</summary>
    public static IReadOnlyList<SeriesRow> AllSeries =>
        [.. All.Select(metric => metric.Series), .. All.Select(metric => metric.Plus).OfType<SeriesRow>()];

    /// <summary>All numbers of the overview, in their order.</summary>
    public static IReadOnlyList<Metric> All { get; } =
    [
        new("visitors", "visitors", new SeriesRow("", "unique_users")),
        new("sessions", "sessions", new SeriesRow("", "total")),
        new("views", "views", new SeriesRow("", "sum", "$pageview_count"), Plus: new SeriesRow("", "sum", "$screen_count")),
        new("average", "average duration", new SeriesRow("", "avg", "$session_duration")),
        new("median", "median duration", new SeriesRow("", "median", "$session_duration")),
        new("bounce", "bounce rate", new SeriesRow("", "avg", "$is_bounce"), LessIsBetter: true),
    ];

    public Unit Unit => Units.Of(Series);
}

/// <summary>One of the overview's tables.</summary>
/// <param name="Title">What it is called.</param>
/// <param name="Property">The property whose values are its rows.</param>
/// <param name="Answer">Sessions, visitors and bounce rate of each value.</param>
public sealed record TopTable(string Title, string Property, QueryAnswer Answer)
{
    /// <summary>The tables, by their titles.</summary>
    public static IReadOnlyList<(string Title, string Property)> All { get; } =
    [
        ("Entry pages", "$entry_pathname"),
        ("Channels", "$channel_type"),
        ("Exit pages", "$exit_pathname"),
        ("Referrers", "$entry_referring_domain"),
        ("Devices", "$device_type"),
        ("Browsers", "$browser"),
    ];

    /// <summary>What is asked of each value.</summary>
    public static IReadOnlyList<SeriesRow> Series { get; } =
    [
        new SeriesRow("", "total"), new SeriesRow("", "unique_users"), new SeriesRow("", "avg", "$is_bounce"),
    ];

    /// <summary>The rows: each value with its three numbers.</summary>
    public IReadOnlyList<(string? Value, double? Sessions, double? Visitors, double? Bounce)> Rows
    {
        get
        {
            int groups = Answer.Lines.Count / Series.Count;
            return
            [
                .. Enumerable.Range(0, groups).Select(at => (
                    Answer.Lines[at].Group, Answer.Lines[at].Value, Answer.Lines[groups + at].Value, Answer.Lines[(2 * groups) + at].Value)),
            ];
        }
    }
}

/// <summary>What the overview shows.</summary>
/// <param name="Query">The page's address.</param>
/// <param name="From">Where its range begins, as it was asked for.</param>
/// <param name="Interval">How long a point of its chart is.</param>
/// <param name="Compare">Whether it compares with the time before.</param>
/// <param name="Filters">Its filters.</param>
/// <param name="Shown">The number that its chart shows.</param>
/// <param name="Answer">The numbers.</param>
/// <param name="Tables">The tables.</param>
public sealed record OverviewView(
    PageQuery Query,
    string From,
    string Interval,
    bool Compare,
    IReadOnlyList<FilterRow> Filters,
    Metric Shown,
    QueryAnswer Answer,
    IReadOnlyList<TopTable> Tables)
{
    public const string DefaultFrom = "-7d";

    /// <summary>Points of a length that fits the range.</summary>
    public static string IntervalOf(string from, string? to) => (from, Said.AsDay(to)?.DayNumber - Said.AsDay(from)?.DayNumber) switch
    {
        ("dStart" or "-24h", _) or (_, < 2) => "hour",
        ("all", _) or (_, > 120) => "week",
        _ => "day",
    };

    /// <summary>What came of a number, by its place.</summary>
    public QueryLine? LineOf(int metric, bool isPrevious = false)
    {
        QueryLine? line = Answer.Of(metric, isPrevious);
        if (line is null || Metric.All[metric].Plus is not { } plus)
        {
            return line;
        }

        int place = Metric.AllSeries.Index().Last(series => series.Item == plus).Index;
        return Answer.Of(place, isPrevious) is { } more
            ? line with
            {
                Value = Sum(line.Value, more.Value),
                Points = [.. line.Points.Zip(more.Points, Sum)],
            }
            : line;

        static double? Sum(double? one, double? other) => one is null && other is null ? null : (one ?? 0) + (other ?? 0);
    }

    /// <summary>How much a number has changed, as a share of what it was; null when that can't be said.</summary>
    public double? Change(int metric) =>
        LineOf(metric)?.Value is { } now && LineOf(metric, isPrevious: true)?.Value is { } before && before != 0
            ? (now - before) / before
            : null;

    /// <summary>The results that the chart shows.</summary>
    public IReadOnlyList<QueryLine> ChartLines(int metric) =>
        [.. new[] { LineOf(metric), LineOf(metric, isPrevious: true) }.OfType<QueryLine>()];

    /// <summary>Whether the project has sessions at all in this range.</summary>
    public bool IsEmpty => Answer.Fault is null && Answer.Of(1)?.Value is null or 0;
}
