using Sessions.Web.Api;
using Sessions.Web.Layout;

namespace Sessions.Web.Analytics;

/// <summary>A number of the overview.</summary>
/// <param name="Id">Its id in the page's address.</param>
/// <param name="Name">Its name for people.</param>
/// <param name="Series">The series that computes it.</param>
/// <param name="LessIsBetter">Whether a lower number is better.</param>
/// <param name="Plus">A series that is added to it; null for none.</param>
public sealed record Metric(string Id, string Name, SeriesJson Series, bool LessIsBetter = false, SeriesJson? Plus = null)
{
    /// <summary>All series of the page's query: one for each number, then those that are added to numbers.</summary>
    public static IReadOnlyList<SeriesJson> AllSeries =>
        [.. All.Select(metric => metric.Series), .. All.Select(metric => metric.Plus).OfType<SeriesJson>()];

    /// <summary>All numbers of the overview, in their order.</summary>
    public static IReadOnlyList<Metric> All { get; } =
    [
        new("visitors", "visitors", new SeriesJson(null, "unique_users")),
        new("sessions", "sessions", new SeriesJson(null, "total")),
        new("views", "views", new SeriesJson(null, "sum", "$pageview_count"), Plus: new SeriesJson(null, "sum", "$screen_count")),
        new("average", "average duration", new SeriesJson(null, "avg", "$session_duration")),
        new("median", "median duration", new SeriesJson(null, "median", "$session_duration")),
        new("bounce", "bounce rate", new SeriesJson(null, "avg", "$is_bounce"), LessIsBetter: true),
        new(
            "trouble",
            "rage and dead clicks",
            new SeriesJson(null, "sum", "$rage_click_count"),
            LessIsBetter: true,
            Plus: new SeriesJson(null, "sum", "$dead_click_count")),
    ];

    public Unit Unit => UnitFormat.Of(Series);

    /// <summary>The places of its series among all.</summary>
    public IReadOnlyList<int> Places =>
        [.. AllSeries.Index().Where(one => one.Item == Series || one.Item == Plus).Select(one => one.Index)];
}

/// <summary>The data of the overview.</summary>
/// <param name="Query">The page's address.</param>
/// <param name="Range">Its range.</param>
/// <param name="Comparison">The period with which it compares its range.</param>
/// <param name="Filters">Its filters.</param>
/// <param name="Shown">The number that its chart shows.</param>
/// <param name="Answer">The numbers.</param>
/// <param name="Tables">The cards' tables.</param>
/// <param name="Online">How many are on now; null when it is unknown.</param>
/// <param name="HasData">Whether the project ever had a session.</param>
public sealed record OverviewView(
    PageQuery Query,
    PageRange Range,
    Comparison Comparison,
    IReadOnlyList<FilterRow> Filters,
    Metric Shown,
    Outcome<QueryResult> Answer,
    IReadOnlyList<CardTable> Tables,
    long? Online,
    bool HasData)
{
    /// <summary>Whether it compares.</summary>
    public bool Compare => Comparison.IsOn;

    /// <summary>The length of a point of the chart.</summary>
    public string Interval => Range.Interval;

    /// <summary>The result of a number, by its position.</summary>
    public QueryLine? LineOf(int metric, bool isPrevious = false)
    {
        QueryLine? line = Answer.Value.Of(metric, isPrevious);
        if (line is null || Metric.All[metric].Plus is not { } plus)
        {
            return line;
        }

        int place = Metric.AllSeries.Index().Last(series => series.Item == plus).Index;
        return Answer.Value.Of(place, isPrevious) is { } more
            ? line with
            {
                Value = Sum(line.Value, more.Value),
                Points = [.. line.Points.Zip(more.Points, Sum)],
            }
            : line;

        static double? Sum(double? one, double? other) => one is null && other is null ? null : (one ?? 0) + (other ?? 0);
    }

    /// <summary>The change of a number, and its direction; null when it can't be calculated.</summary>
    public (string Text, int Direction)? Change(int metric) =>
        Metric.All[metric].Unit.Change(LineOf(metric, isPrevious: true)?.Value, LineOf(metric)?.Value);

    /// <summary>Whether the compared period has sessions.</summary>
    public bool HasBefore => Answer.Value.Of(1, isPrevious: true)?.Value is not (null or 0);

    /// <summary>The results that the chart shows.</summary>
    public IReadOnlyList<QueryLine> ChartLines(int metric) =>
        [.. new[] { LineOf(metric), LineOf(metric, isPrevious: true) }.OfType<QueryLine>()];

    /// <summary>Whether the project has no sessions in this range.</summary>
    public bool IsEmpty => Answer.Fault is null && !Answer.Value.IsCut && Answer.Value.Of(1)?.Value is null or 0;
}
