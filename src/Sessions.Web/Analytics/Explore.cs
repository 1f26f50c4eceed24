using System.Globalization;
using Sessions.Web.Api;
using Sessions.Web.Layout;

namespace Sessions.Web.Analytics;

/// <summary>The state of the explorer, all of which is in the address.</summary>
/// <param name="Query">The page's address.</param>
/// <param name="Range">Its range.</param>
/// <param name="Form">The query.</param>
/// <param name="Chart">The form of the result: line, bar or table.</param>
public sealed record ExploreState(PageQuery Query, PageRange Range, QueryJson Form, string Chart)
{
    /// <summary>The forms of a result.</summary>
    public static IReadOnlyList<string> Charts { get; } = ["line", "bar", "table"];

    /// <summary>The lengths of a point; <c>whole</c> is one point for the whole range.</summary>
    public static IReadOnlyList<(string Id, string Name)> Intervals { get; } =
        [("minute", "minute"), ("hour", "hour"), ("day", "day"), ("week", "week"), ("month", "month"), ("whole", "whole range")];

    public static IReadOnlyList<(string Id, string Name)> Maths { get; } =
    [
        ("total", "count"), ("unique_sessions", "unique sessions"), ("unique_users", "unique users"), ("avg", "average of"), ("sum", "sum of"),
        ("min", "least"), ("max", "most"), ("median", "median of"), ("p75", "p75 of"), ("p90", "p90 of"), ("p95", "p95 of"), ("p99", "p99 of"),
    ];

    /// <param name="query">The page's address.</param>
    /// <param name="range">Its range.</param>
    public static ExploreState Of(PageQuery query, PageRange range)
    {
        string chart = query["chart"] is { } asked && Charts.Contains(asked) ? asked : "line";
        IReadOnlyList<string> events = query.All("event"), maths = query.All("math"), properties = query.All("property");
        SeriesJson[] series =
        [
            .. maths.Select((math, at) =>
            {
                bool isOfProperty = math is not ("total" or "unique_sessions" or "unique_users");
                return new SeriesJson(
                    NullIfEmpty(events.ElementAtOrDefault(at)?.Trim()),
                    math,
                    isOfProperty ? NullIfEmpty(properties.ElementAtOrDefault(at)) ?? "$session_duration" : null);
            }),
        ];
        string interval = query["interval"] ?? "day";
        int? bins = BinsOf(query);
        return new ExploreState(
            query,
            range,
            new QueryJson
            {
                DateFrom = range.From,
                DateTo = range.To,
                Interval = interval == "whole" ? null : interval,
                Series = series.Length > 0 ? series : [new SeriesJson(null, "total")],
                Formula = query["formula"],
                Filters = FilterRows.Read(query) is [_, ..] filters ? FilterRows.ToJson(filters) : null,
                Breakdown = query["breakdown"] is { } property ? new BreakdownJson(property, bins, QueryCheck.DefaultLimit) : null,
                Compare = query["compare"] == "on",
            },
            chart);
    }

    /// <summary>The filters, as the user typed them.</summary>
    public IReadOnlyList<FilterRow> Filters => FilterRows.Read(Query);

    /// <summary>The bins in the form, also when there is no breakdown.</summary>
    public int? Bins => BinsOf(Query);

    /// <summary>The unit of the result: that of its series, when they all have the same.</summary>
    public Unit Unit => Form.Formula is null && Form.Series.Select(UnitFormat.Of).Distinct().ToArray() is [var one] ? one : Unit.Count;

    /// <summary>The name of a result.</summary>
    public string NameOf(QueryLine line, int series)
    {
        string math = Maths.FirstOrDefault(one => one.Id == Form.Series[Math.Min(series, Form.Series.Count - 1)].Math).Name ?? "";
        string? property = Form.Series[Math.Min(series, Form.Series.Count - 1)].Property;
        string label = Form.Formula ?? (property is not null ? $"{line.Label}, {math} {Format.Label(property).ToLowerInvariant()}"
            : math == "count" ? line.Label : $"{line.Label}, {math}");
        if (Form.Breakdown is null)
        {
            return label;
        }

        string group = line.GroupText switch { null => "none", "$other" => "all others", var value => value };
        return Form.Formula is null && Form.Series.Count == 1 ? group : $"{group}: {label}";
    }

    private static int? BinsOf(PageQuery query) =>
        int.TryParse(query["bins"], NumberStyles.None, CultureInfo.InvariantCulture, out int bins) ? bins : null;

    private static string? NullIfEmpty(string? text) => string.IsNullOrEmpty(text) ? null : text;
}

/// <summary>The data of the explorer.</summary>
/// <param name="State">The explorer's state.</param>
/// <param name="Answer">The result of its query.</param>
/// <param name="HasData">Whether the project ever had a session.</param>
public sealed record ExploreView(ExploreState State, Outcome<QueryResult> Answer, bool HasData)
{
    // A chart with more lines is not readable.
    private const int MostLines = 12;

    /// <summary>The results.</summary>
    public IReadOnlyList<QueryLine> Lines => Answer.Value.Lines;

    /// <summary>Whether there is nothing to show: no result, or none with a value, in the whole range.</summary>
    public bool IsEmpty => Answer is not { Fault: null, Value.IsCut: true } && Lines.All(line => line.Value is null or 0 && line.Points.All(point => point is null or 0));

    /// <summary>The results with their names.</summary>
    public IReadOnlyList<(string Name, QueryLine Line)> Named
    {
        get
        {
            int series = State.Form.Formula is null ? State.Form.Series.Count : 1;
            int each = Math.Max(1, Lines.Count / series);
            return [.. Lines.Select((line, at) => (State.NameOf(line, at / each), line))];
        }
    }

    /// <summary>The results that the chart shows: only the first ones when there are many.</summary>
    public IReadOnlyList<(string Name, QueryLine Line)> Drawn =>
        [.. Named.Take(MostLines * (State.Form.Compare is true ? 2 : 1))];
}
