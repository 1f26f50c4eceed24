using System.Globalization;
using Sessions.Gateway.Pages.Frame;

namespace Sessions.Gateway.Pages.Asking;

/// <summary>What somebody explores: all of it is in the address.</summary>
/// <param name="Query">The page's address.</param>
/// <param name="Body">The question.</param>
/// <param name="Chart">How it is shown: line, bar or table.</param>
public sealed record ExploreState(PageQuery Query, QueryBody Body, string Chart)
{
    public const string DefaultFrom = "-30d";

    /// <summary>The ways to show it.</summary>
    public static IReadOnlyList<string> Charts { get; } = ["line", "bar", "table"];

    /// <summary>The lengths of a point; empty is one point for the whole range.</summary>
    public static IReadOnlyList<(string Id, string Name)> Intervals { get; } =
        [("minute", "minute"), ("hour", "hour"), ("day", "day"), ("week", "week"), ("month", "month"), ("whole", "whole range")];

    public static IReadOnlyList<(string Id, string Name)> Maths { get; } =
    [
        ("total", "count"), ("unique_sessions", "unique sessions"), ("unique_users", "unique users"), ("avg", "average of"), ("sum", "sum of"),
        ("min", "least"), ("max", "most"), ("median", "median of"), ("p75", "p75 of"), ("p90", "p90 of"), ("p95", "p95 of"), ("p99", "p99 of"),
    ];

    public static ExploreState Of(PageQuery query)
    {
        string chart = query["chart"] is { } asked && Charts.Contains(asked) ? asked : "line";
        IReadOnlyList<string> events = query.All("event"), maths = query.All("math"), properties = query.All("property");
        SeriesRow[] series =
        [
            .. maths.Select((math, at) =>
            {
                bool isOfProperty = math is not ("total" or "unique_sessions" or "unique_users");
                string property = properties.ElementAtOrDefault(at) ?? "";
                return new SeriesRow(
                    (events.ElementAtOrDefault(at) ?? "").Trim(), math, !isOfProperty ? "" : property.Length > 0 ? property : "$session_duration");
            }),
        ];
        string interval = query["interval"] ?? "day";
        return new ExploreState(
            query,
            new QueryBody
            {
                From = query["date_from"] ?? DefaultFrom,
                To = query["date_to"],
                Interval = interval == "whole" ? null : interval,
                Series = series.Length > 0 ? series : [new SeriesRow("", "total")],
                Formula = query["formula"],
                Filters = FilterRows.Read(query),
                Breakdown = query["breakdown"],
                Bins = int.TryParse(query["bins"], NumberStyles.None, CultureInfo.InvariantCulture, out int bins) ? bins : null,
                Compare = query["compare"] == "on",
            },
            chart);
    }

    /// <summary>How its numbers are said: as those of its series, when they are all of a kind.</summary>
    public Unit Unit => Body.Formula is null && Body.Series.Select(Units.Of).Distinct().ToArray() is [var one] ? one : Unit.Count;

    /// <summary>What a result is called.</summary>
    public string NameOf(QueryLine line, int series)
    {
        string math = Maths.FirstOrDefault(one => one.Id == Body.Series[Math.Min(series, Body.Series.Count - 1)].Math).Name ?? "";
        string property = Body.Series[Math.Min(series, Body.Series.Count - 1)].Property;
        string label = Body.Formula ?? (property.Length > 0 ? $"{line.Label}, {math} {Said.Label(property).ToLowerInvariant()}"
            : math == "count" ? line.Label : $"{line.Label}, {math}");
        if (Body.Breakdown is null)
        {
            return label;
        }

        string group = line.Group switch { null => "none", "$other" => "all others", var value => value };
        return Body.Formula is null && Body.Series.Count == 1 ? group : $"{group}: {label}";
    }
}

/// <summary>What the explorer shows.</summary>
/// <param name="State">What is explored.</param>
/// <param name="Answer">What came of it.</param>
public sealed record ExploreView(ExploreState State, QueryAnswer Answer)
{
    // More would be a carpet.
    private const int MostLines = 12;

    /// <summary>The results with their names.</summary>
    public IReadOnlyList<(string Name, QueryLine Line)> Named
    {
        get
        {
            int series = State.Body.Formula is null ? State.Body.Series.Count : 1;
            int each = Math.Max(1, Answer.Lines.Count / series);
            return [.. Answer.Lines.Select((line, at) => (State.NameOf(line, at / each), line))];
        }
    }

    /// <summary>The results that the chart shows: the first ones, when there are many.</summary>
    public IReadOnlyList<(string Name, QueryLine Line)> Drawn =>
        [.. Named.Take(MostLines * (State.Body.Compare ? 2 : 1))];
}
