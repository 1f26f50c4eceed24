using Sessions.Database.Properties;
using Sessions.Web.Api;
using Sessions.Web.Layout;

namespace Sessions.Web.Analytics;

/// <summary>The state of the explorer, all of which is in the address.</summary>
/// <param name="Query">The page's address.</param>
/// <param name="Range">Its range.</param>
/// <param name="Form">The query.</param>
/// <param name="Chart">The form of the result: line, area, bar or table.</param>
/// <param name="Filters">The filters, as the user typed them.</param>
public sealed record ExploreState(PageQuery Query, PageRange Range, QueryJson Form, string Chart, IReadOnlyList<FilterRow> Filters)
{
    /// <summary>The forms of a result.</summary>
    public static IReadOnlyList<string> Charts { get; } = ["line", "area", "bar", "table"];

    /// <summary>The lengths of a point; <c>whole</c> is one point for the whole range.</summary>
    public static IReadOnlyList<(string Id, string Name)> Intervals { get; } =
        [("minute", "minute"), ("hour", "hour"), ("day", "day"), ("week", "week"), ("month", "month"), ("whole", "whole range")];

    public static IReadOnlyList<(string Id, string Name)> Maths { get; } =
    [
        ("total", "count"), ("unique_sessions", "unique sessions"), ("unique_users", "unique users"), ("avg", "average of"), ("sum", "sum of"),
        ("min", "least"), ("max", "most"), ("median", "median of"), ("p75", "p75 of"), ("p90", "p90 of"), ("p95", "p95 of"), ("p99", "p99 of"),
    ];

    /// <summary>What is wrong with fields of the form, by their ids. The result is of the others.</summary>
    public IReadOnlyDictionary<string, string> Faults { get; init; } = new Dictionary<string, string>();

    /// <param name="query">The page's address.</param>
    /// <param name="range">Its range.</param>
    /// <param name="filters">Its filters.</param>
    /// <param name="options">The limits of queries.</param>
    public static ExploreState Of(PageQuery query, PageRange range, IReadOnlyList<FilterRow> filters, QueryOptions options)
    {
        ExploreFields fields = new(query, options.MaxSeries, options.MaxBins);
        IReadOnlyList<SeriesJson> series = fields.Series();
        return new ExploreState(
            query,
            range,
            new QueryJson
            {
                DateFrom = range.From,
                DateTo = range.To,
                Interval = fields.Interval(),
                Series = series,
                Formula = fields.FormulaOf(series.Count),
                Filters = FilterRows.ToJson(filters) is [_, ..] valid ? valid : null,
                Breakdown = fields.Breakdown(series),
                Compare = fields.Compare() && range.Asked != PageRange.AllTime,
            },
            fields.Chart(),
            filters)
        {
            Faults = fields.Faults,
        };
    }

    /// <summary>What is wrong with the address beyond the fields of the form, in sentences.</summary>
    public IEnumerable<string> FaultsElsewhere => [.. Range.Faults, .. Faults.Where(fault => fault.Key is "chart" or "compare").Select(fault => fault.Value)];

    /// <summary>All that is wrong with the address, in sentences.</summary>
    public IEnumerable<string> AllFaults => [.. Range.Faults, .. Faults.Values, .. Filters.Select(filter => filter.Fault).OfType<string>()];

    /// <summary>What is wrong with a field; null when it is right.</summary>
    public string? Fault(string field) => Faults.GetValueOrDefault(field);

    /// <summary>The filter that shows the sessions of a group alone; null when there is none.</summary>
    public FilterRow? FilterOf(QueryLine line) =>
        Form.Breakdown is not { Bins: null, PropertyType: not QueryCheck.OfEvent } breakdown || line.GroupText == CardTable.Others ? null
        : line.GroupText is { } value
            ? new FilterRow(breakdown.Property, "exact", value)
        : new FilterRow(breakdown.Property, "is_not_set", "");

    /// <summary>The page with the sessions behind a number; null when they can't be listed.</summary>
    /// <param name="list">The address of their list in the API.</param>
    public static string? PageOf(string? list) => list?.Replace("/api/sessions?", "/sessions?", StringComparison.Ordinal);

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

        string group = line.GroupText switch
        {
            null => "none",
            CardTable.Others => "all others",
            var value when Form.Breakdown is { Bins: not null, PropertyType: not QueryCheck.OfEvent } && SessionProperties.Find(Form.Breakdown.Property) is { } binned =>
                BinWords.Of(value, binned),
            var value => CardTable.NameOf(value),
        };
        return Form.Formula is null && Form.Series.Count == 1 ? group : $"{group}: {label}";
    }
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

    /// <summary>The events of series that never happened in the range.</summary>
    public IReadOnlyList<string> Unseen => State.Form.Formula is not null ? [] :
    [
        .. State.Form.Series.Select(series => series.Event).OfType<string>().Distinct()
            .Where(name => Lines.Where(line => line.Label == name).All(line => line.Value is null or 0)),
    ];

    /// <summary>The results that the chart shows: only the first ones when there are many.</summary>
    public IReadOnlyList<(string Name, QueryLine Line)> Drawn =>
        [.. Named.Take(MostLines * (State.Form.Compare is true ? 2 : 1))];
}
