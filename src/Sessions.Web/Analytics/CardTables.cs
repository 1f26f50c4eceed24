using Microsoft.Extensions.Options;
using Sessions.Client.Projects;
using Sessions.Database.Properties;
using Sessions.Queries;
using Sessions.Queries.Aggregates;
using Sessions.Web.Api;
using Sessions.Web.Layout;

namespace Sessions.Web.Analytics;

/// <summary>Reads the numbers and the tables of the overview.</summary>
internal sealed class CardTables(
    QueryAnswers answers,
    WebAnalytics analytics,
    AggregateQueries aggregates,
    QueryConcurrencyLimit concurrency,
    ProjectCache<QuerySettings> settings,
    IOptions<ApiOptions> api,
    IOptions<QueryOptions> options)
{
    private const int RowsInTables = 8;

    // More than there are.
    private const int MostCountries = 300;

    private static readonly SeriesJson[] s_series =
        [new SeriesJson(null, "total"), new SeriesJson(null, "unique_users"), new SeriesJson(null, "avg", "$is_bounce")];

    private static readonly Unit[] s_units = [Unit.Count, Unit.Count, Unit.Percent];

    /// <summary>Answers the query of the page's numbers, and reads the tables of the chosen tabs.</summary>
    public async Task<(Outcome<QueryResult> Numbers, IReadOnlyList<CardTable> Tables)> Read(
        PageContext pageContext, PageRange range, QueryJson numbers, IReadOnlyList<(Card Card, CardTab Tab)> chosen, CancellationToken cancellation)
    {
        IReadOnlyList<PathRule> rules = (await settings.Of(pageContext.Project)).PathRules;
        bool IsQuery(CardTab tab) => tab.Property is not null && (rules is [] || !tab.HasPaths);

        bool hasMap = chosen.Any(one => one.Tab.Property == CardTable.Country);
        QueryJson[] all =
        [
            numbers,
            .. chosen.Where(one => IsQuery(one.Tab)).Select(one => QueryOf(numbers, one.Tab)),
            .. hasMap ? [MapOf(numbers)] : (QueryJson[])[],
        ];
        // All are asked at once: a table of events takes about as long as everything else.
        Task<IReadOnlyList<Outcome<QueryResult>>> answering = answers.Answer(pageContext, range, all, cancellation);
        Task<Outcome<IReadOnlyList<CardRow>>[]> reading = Task.WhenAll(
            chosen.Where(one => !IsQuery(one.Tab)).Select(one => ReadTable(pageContext, range, numbers, one.Tab, rules, cancellation)));
        await Task.WhenAll(answering, reading);
        IReadOnlyList<Outcome<QueryResult>> outcomes = await answering;
        Queue<Outcome<QueryResult>> answered = new(outcomes.Skip(1));
        Queue<Outcome<IReadOnlyList<CardRow>>> read = new(await reading);
        List<CardTable> tables = [];
        foreach ((Card card, CardTab tab) in chosen)
        {
            tables.Add(new CardTable(card, tab, IsQuery(tab) ? RowsOf(answered.Dequeue(), tab, numbers.Compare is true) : read.Dequeue())
            {
                Map = tab.Property == CardTable.Country ? Countries(outcomes[^1]) : [],
            });
        }

        return (outcomes[0], tables);
    }

    private static QueryJson QueryOf(QueryJson numbers, CardTab tab) => numbers with
    {
        Interval = null,
        PointsOf = null,
        Series = s_series,
        Breakdown = new BreakdownJson(tab.Property!, Limit: RowsInTables),
        IsRankedByFirst = true,
    };

    private QueryJson MapOf(QueryJson numbers) => numbers with
    {
        Interval = null,
        PointsOf = null,
        Series = s_series[..1],
        Compare = false,
        Breakdown = new BreakdownJson(CardTable.Country, Limit: Math.Min(MostCountries, options.Value.MaxBreakdown)),
    };

    private static IReadOnlyList<(string, double)> Countries(Outcome<QueryResult> outcome) => outcome.TryGet(out QueryResult? found)
        ? [.. found.Lines.Where(line => line.GroupText is not (null or CardTable.Others)).Select(line => (line.GroupText!, line.Value ?? 0))]
        : [];

    private static Outcome<IReadOnlyList<CardRow>> RowsOf(Outcome<QueryResult> outcome, CardTab tab, bool compare)
    {
        if (outcome.Refusal is { } refusal)
        {
            return new(refusal);
        }

        // For each series its groups, and for each group its periods.
        IReadOnlyList<QueryLine> lines = outcome.Value.Lines;
        int periods = compare ? 2 : 1, groups = lines.Count / s_series.Length / periods;
        return new([
            .. Enumerable.Range(0, groups).Select(group =>
            {
                string? value = lines[group * periods].GroupText;
                return new CardRow(
                    value,
                    [.. s_units.Select((unit, series) => new CardNumber(unit, Line(series, group, 0).Value, compare ? Line(series, group, 1).Value : null))],
                    value == CardTable.Others ? null : FilterOf(tab.Property!, value));
            }),
        ]);

        QueryLine Line(int series, int group, int period) => lines[(((series * groups) + group) * periods) + period];
    }

    private static FilterRow FilterOf(string property, string? value) =>
        value is null ? new FilterRow(property, "is_not_set", "") : new FilterRow(property, "exact", value);

    private async Task<Outcome<IReadOnlyList<CardRow>>> ReadTable(
        PageContext pageContext, PageRange range, QueryJson numbers, CardTab tab, IReadOnlyList<PathRule> rules, CancellationToken cancellation)
    {
        RequestErrors errors = new();
        QueryCheck check = new(errors, pageContext.Calendar, pageContext.Now, api.Value, options.Value);
        QueryRequest request = numbers.ToRequest(check);
        IReadOnlyList<Filter> filters = check.Filters.All("filters", numbers.Filters);
        if (errors.Problem is { } problem)
        {
            return new(problem);
        }

        return await concurrency.Run<IReadOnlyList<CardRow>>(
            async timely =>
            {
                DateTimeOffset from = request.From ?? await aggregates.GetFirst(pageContext.Project, timely) ?? pageContext.Now;
                WebRange current = new(pageContext.Project, from, request.To ?? QueryPeriods.EndOf(pageContext.Now), filters);
                TableQuery asked = new(current, RowsInTables, request.Compare ? Before(current, request.To ?? pageContext.Now) : null);
                if (tab.IsOfEvents)
                {
                    TableResult<WebEventRow> events = await analytics.GetEvents(asked, concurrency.Limits, timely);
                    ILookup<string, WebEventRow> earlier = events.Before.ToLookup(row => row.Value);
                    return [.. events.Rows.Select(row => RowOfEvent(row, earlier[row.Value].FirstOrDefault(), request.Compare))];
                }

                TableResult<WebRow> found = tab.Property is null
                    ? await analytics.GetPages(asked, rules, concurrency.Limits, timely)
                    : await analytics.GetSessions(asked, SessionProperties.Find(tab.Property)!, rules, concurrency.Limits, timely);
                ILookup<string?, WebRow> before = found.Before.ToLookup(row => row.Value);
                return [.. found.Rows.Select(row => RowOf(row, before[row.Value].FirstOrDefault(), request.Compare))];
            },
            cancellation);

        WebRange Before(WebRange current, DateTimeOffset end)
        {
            if (range.Before is var (from, to))
            {
                return current with { From = from, To = to };
            }

            TimeSpan length = end - current.From;
            return current with { From = length > TimeSpan.Zero && current.From.UtcTicks > length.Ticks ? current.From - length : current.From, To = current.From };
        }

        static CardRow RowOfEvent(WebEventRow row, WebEventRow? before, bool compare)
        {
            CardNumber Number(long now, long? earlier) => new(Unit.Count, now, compare ? earlier ?? 0 : null);
            return new CardRow(
                row.Value,
                [Number(row.Occurrences, before?.Occurrences), Number(row.Sessions, before?.Sessions), Number(row.Visitors, before?.Visitors)],
                new FilterRow("event", "exact", row.Value, IsOfEvent: true));
        }

        CardRow RowOf(WebRow row, WebRow? before, bool compare)
        {
            double? Count(long? earlier) => compare ? earlier ?? 0 : null;
            CardNumber first = tab.Property is null
                ? new(Unit.Count, row.Views, Count(before?.Views))
                : new(Unit.Count, row.Sessions, Count(before?.Sessions));
            return new CardRow(
                row.Value,
                [first, new(Unit.Count, row.Visitors, Count(before?.Visitors)), new(Unit.Percent, row.BounceRate, before?.BounceRate)],
                PathFilter.Of(tab, row.Value, rules));
        }
    }
}
