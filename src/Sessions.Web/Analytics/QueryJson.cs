using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Sessions.Queries;
using Sessions.Queries.Aggregates;
using Sessions.Web.Api;

namespace Sessions.Web.Analytics;

/// <summary>A series as the caller chose it.</summary>
/// <param name="Event">The event; null for sessions.</param>
/// <param name="Math">The calculation; null means <c>total</c>.</param>
/// <param name="Property">The property of the calculation; null for none.</param>
/// <param name="Filters">The filters of this series; null for none.</param>
/// <param name="PropertyType">Whose property it is: <c>session</c> or <c>event</c>; null means <c>session</c>.</param>
[Description("A series: what is counted or calculated.")]
public sealed record SeriesJson(
    [property: Description("The event. Missing or null: sessions.")]
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    string? Event = null,
    [property: Description("The calculation. Missing or null: total.")]
    [property: Words(typeof(QueryCheck), nameof(QueryCheck.MathNames))]
    string? Math = null,
    [property: Description("The property that avg, sum, min, max, median and percentiles are of.")]
    string? Property = null,
    [property: Description("The filters of this series. They hold together with those of the query.")]
    IReadOnlyList<FilterJson>? Filters = null,
    [property: Description("What has the property: the session, or each occurrence of the event. Missing or null: session.")]
    [property: Words(typeof(FilterJson), nameof(FilterJson.Types))]
    string? PropertyType = null);

/// <summary>The groups as the caller chose them.</summary>
/// <param name="Property">The property whose values are the groups.</param>
/// <param name="Bins">The number of bins for its numbers; null for a group for each value.</param>
/// <param name="Limit">The number of values with a group of their own; null for the default.</param>
/// <param name="PropertyType">Whose property it is: <c>session</c> or <c>event</c>; null means <c>session</c>.</param>
[Description("The groups: a line for each value of a property.")]
public sealed record BreakdownJson(
    [property: Description("The property whose values are the groups.")]
    string Property,
    [property: Description("The number of bins of equal width for the property's numbers. Missing or null: a group for each value.")]
    int? Bins = null,
    [property: Description("The number of values with a group of their own. Missing or null: 25.")]
    int? Limit = null,
    [property: Description("What has the property: the session, or each occurrence of the series' event. Missing or null: session.")]
    [property: Words(typeof(FilterJson), nameof(FilterJson.Types))]
    string? PropertyType = null);

/// <summary>
/// A query as a caller sends it or as the address of a page has it. Only its types are checked: see
/// <see cref="ToRequest"/>. As JSON it is the body of <c>POST /api/query</c>.
/// </summary>
[Description("A question about sessions and events.")]
public sealed record QueryJson
{
    [Description("The start of the range: a time or date in ISO 8601, or relative to now, such as -7d or mStart. Missing, null or all: all time.")]
    public string? DateFrom { get; init; }

    [Description("The end of the range: exclusive for a time, inclusive for a date. Missing or null: now.")]
    public string? DateTo { get; init; }

    [Description("The length of a point. Missing or null: one point for the whole range.")]
    [Words(typeof(QueryCheck), nameof(QueryCheck.IntervalNames))]
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public string? Interval { get; init; }

    [Description("A time zone of the IANA database, which defines days, weeks and months. Missing or null: the project's.")]
    [JsonPropertyName("timezone")]
    public string? TimeZone { get; init; }

    // Not required in C#: the check names the field when it is missing.
    [Description("1 to 26 series.")]
    [Required]
    public IReadOnlyList<SeriesJson> Series { get; init; } = [];

    [Description("Arithmetic over the series, A the first: A / (A + B) * 100. Missing or null: the series themselves.")]
    public string? Formula { get; init; }

    [Description("The filters of all series.")]
    public IReadOnlyList<FilterJson>? Filters { get; init; }

    [Description("The groups. Missing or null: none.")]
    public BreakdownJson? Breakdown { get; init; }

    [Description("Whether the answer also covers the period of the same length just before. Missing or null: false.")]
    public bool? Compare { get; init; }

    /// <summary>Whether the first series alone ranks the values of the breakdown: what a page's tables are sorted by.</summary>
    [JsonIgnore]
    public bool IsRankedByFirst { get; init; }

    /// <summary>The places of the series whose points a page shows. Null for all.</summary>
    [JsonIgnore]
    public IReadOnlyList<int>? PointsOf { get; init; }

    /// <summary>The query as readable JSON.</summary>
    public override string ToString() => JsonSerializer.Serialize(this, QueryJsonContext.Readable.QueryJson);

    /// <summary>The checked query. Faults are added to the errors of the check.</summary>
    /// <param name="check">Checks values, in the calendar of the project.</param>
    /// <exception cref="InvalidOperationException">A text contains a lone surrogate.</exception>
    internal QueryRequest ToRequest(QueryCheck check)
    {
        check = check with { Calendar = check.Errors.Calendar(TimeZone, check.Calendar) };
        IReadOnlyList<Filter> filters = check.Filters.All("filters", Filters);
        List<Series> series = [];
        // JSON's null replaces the empty list.
        if (check.CountOfSeries(Series?.Count ?? 0))
        {
            foreach (SeriesJson one in Series!)
            {
                series.Add(SeriesOf(one, $"series[{series.Count}]", filters, check));
            }
        }

        DateTimeOffset? from = check.From(DateFrom);
        bool compare = check.Compare(Compare is true, from);
        return new QueryRequest(
            from,
            check.To(DateTo),
            check.Interval(Interval),
            check.Calendar,
            series,
            check.Formula(Formula, series.Count),
            Breakdown is null ? null : BreakdownOf(Breakdown, series, check) is { } breakdown ? breakdown with { IsRankedByFirst = IsRankedByFirst } : null,
            compare)
        {
            Asked = this,
            PointsOf = PointsOf,
        };
    }

    /// <summary>A checked series, with the global filters in it.</summary>
    internal static Series SeriesOf(SeriesJson one, string name, IReadOnlyList<Filter> filters, QueryCheck check)
    {
        string? happened = check.Event(name, one.Event);
        SeriesMath math = check.Math(name, one.Math);
        return new Series(
            happened, math, check.Property(name, one, math), [.. check.Filters.All($"{name}.filters", one.Filters), .. filters]);
    }

    private static Breakdown? BreakdownOf(BreakdownJson asked, IReadOnlyList<Series> series, QueryCheck check) =>
        check.BreakdownProperty(asked, series) is not { } property ? null : new Breakdown(
            property,
            check.Bins(check.Errors.Whole("breakdown.bins", asked.Bins, 1, check.Options.MaxBins), property),
            check.Errors.Whole("breakdown.limit", asked.Limit, 1, check.Options.MaxBreakdown) ?? QueryCheck.DefaultLimit);
}

/// <summary>Reads queries, and writes the one that the explorer shows.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(QueryJson))]
internal sealed partial class QueryJsonContext : JsonSerializerContext
{
    /// <summary>Without escaping for HTML, since Blazor escapes the page's text.</summary>
    public static QueryJsonContext Readable { get; } = new(new JsonSerializerOptions
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });
}
