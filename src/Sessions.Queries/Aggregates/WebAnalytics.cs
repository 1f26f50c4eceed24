using System.Globalization;
using Npgsql;
using Sessions.Database;
using Sessions.Database.Properties;
using Sessions.Queries.Engines;

namespace Sessions.Queries.Aggregates;

/// <summary>The values of the tiles for one period.</summary>
/// <param name="Sessions">The number of sessions that began in the period.</param>
/// <param name="Visitors">The number of persons who had those sessions.</param>
/// <param name="Views">The number of their pageviews and screens.</param>
/// <param name="AverageDuration">The average duration in seconds; null without a session.</param>
/// <param name="MedianDuration">The median duration in seconds; null without a session.</param>
/// <param name="BounceRate">
/// The share of bounces among the sessions with a page or screen, 0 to 1; null when there are none.
/// </param>
public sealed record WebOverview(
    long Sessions, long Visitors, long Views, double? AverageDuration, double? MedianDuration, double? BounceRate);

/// <summary>A row of a table in web analytics.</summary>
public sealed record WebRow(string? Value, long Visitors, long Views, long Sessions, double? BounceRate);

/// <summary>A row of the table of events.</summary>
/// <param name="Value">The event's name.</param>
/// <param name="Occurrences">How often it happened.</param>
/// <param name="Sessions">In how many sessions.</param>
/// <param name="Visitors">The number of persons who did it.</param>
public sealed record WebEventRow(string Value, long Occurrences, long Sessions, long Visitors);

/// <summary>
/// A rule that gives different paths of one page the same name: <c>/users/17</c> becomes <c>/users/:id</c>.
/// </summary>
/// <param name="Pattern">A Postgres regular expression. All of its matches are replaced.</param>
/// <param name="Replacement">The replacement; <c>\1</c> is the expression's first group.</param>
public sealed record PathRule(string Pattern, string Replacement);

/// <summary>The range and the filters of web analytics.</summary>
/// <param name="Project">The project.</param>
/// <param name="From">The start of the range: sessions that start at this time or later.</param>
/// <param name="To">The end of the range, exclusive.</param>
/// <param name="Filters">Further conditions.</param>
public sealed record WebRange(string Project, DateTimeOffset From, DateTimeOffset To, IReadOnlyList<Filter> Filters);

/// <summary>Reads the tiles and tables of web analytics.</summary>
public sealed class WebAnalytics(QuestionEngines engines, AggregateQueries aggregates)
{
    /// <summary>The event whose occurrences are views of a page.</summary>
    public const string PageEvent = "$pageview";

    /// <summary>The event whose occurrences are views of a screen.</summary>
    public const string ScreenEvent = "$screen";

    // The series of the tiles and the tables, for queries that hourly aggregates can answer.
    private static readonly Series[] Shown =
    [
        new(null, SeriesMath.Total, null, []),
        new(null, SeriesMath.UniqueUsers, null, []),
        new(null, SeriesMath.Sum, SessionProperties.Find("$pageview_count"), []),
        new(null, SeriesMath.Sum, SessionProperties.Find("$screen_count"), []),
        new(null, SeriesMath.Avg, SessionProperties.Find("$is_bounce"), []),
        new(null, SeriesMath.Avg, SessionProperties.Find("$session_duration"), []),
        new(null, SeriesMath.Median, SessionProperties.Find("$session_duration"), []),
    ];


    private static readonly string OverviewText = SqlFile.Read("web_overview.sql");
    private static readonly string SessionsText = SqlFile.Read("web_sessions_table.sql");
    private static readonly string PagesText = SqlFile.Read("web_pages_table.sql");
    private static readonly string EventsText = SqlFile.Read("web_events_table.sql");

    /// <summary>Reads the tiles of ranges of one project, all from the same snapshot.</summary>
    /// <exception cref="NpgsqlException">
    /// Postgres can't answer now, or refused a filter's regular expression.
    /// </exception>
    public async Task<IReadOnlyList<WebOverview>> GetOverviews(
        IReadOnlyList<WebRange> ranges, StatementLimits limits, CancellationToken cancellation)
    {
        if (ranges.All(range => range.Filters is []))
        {
            Aggregation asked = new(ranges[0].Project, [.. ranges.Select(WholeOf)], Shown, null);
            if (await aggregates.GetFromHours(asked, limits, cancellation) is { } result)
            {
                return [.. ranges.Select((_, period) => Tiles(Values(result, period, Group.Others)))];
            }
        }

        IReadOnlyList<IReadOnlyList<object?[]>> rows = await engines.Ask(
            ranges[0].Project, limits, reader => reader.Read([.. ranges.Select(range => Overview(range, reader.Dialect))], cancellation), cancellation);
        return [.. rows.Select(row => Overview(row[0]))];
    }

    /// <summary>Groups sessions by a property; the values with the most visitors come first.</summary>
    /// <param name="range">The range and the filters.</param>
    /// <param name="property">The property, whose type must be text.</param>
    /// <param name="paths">The rules that rewrite the property's values, in this order.</param>
    /// <param name="limit">The most rows.</param>
    /// <param name="limits">The limits of the statement.</param>
    /// <param name="cancellation">Ends the work.</param>
    /// <exception cref="NpgsqlException">Postgres can't answer now, or refused a regular expression.</exception>
    public async Task<IReadOnlyList<WebRow>> GetSessions(
        WebRange range, SessionProperty property, IReadOnlyList<PathRule> paths, int limit, StatementLimits limits, CancellationToken cancellation)
    {
        if (range.Filters is [] && paths is [])
        {
            // Every value gets a group, because the order of the rows depends on more than the ranking of a breakdown.
            Aggregation asked = new(range.Project, [WholeOf(range)], Shown[..5], new Breakdown(property, null, int.MaxValue));
            if (await aggregates.GetFromHours(asked, limits, cancellation) is { } result)
            {
                return
                [
                    .. result.Groups.Where(group => group.Place != Group.Others)
                        .Select(group => Row((string?)group.Value, Values(result, 0, group.Place)))
                        .OrderByDescending(row => row.Visitors).ThenByDescending(row => row.Views)
                        .ThenBy(row => row.Value, HourAggregates.ByBytes.NullsLast)
                        .Take(limit),
                ];
            }
        }

        return await Rows(range, limits, Statement, cancellation);

        string Statement(StatementParameters parameters)
        {
            (string source, string person) = OfSessions(range, SeriesMath.UniqueUsers, parameters);
            return SessionsText
                .Replace("{value}", Cleaned($"s.{property.Column}", paths, parameters), StringComparison.Ordinal)
                .Replace("{person}", person, StringComparison.Ordinal)
                .Replace("{source}", source, StringComparison.Ordinal)
                .Replace("{limit}", parameters.AddNext(limit), StringComparison.Ordinal);
        }
    }

    /// <summary>Groups pageviews and screens by path; the paths with the most visitors come first.</summary>
    /// <inheritdoc cref="GetSessions"/>
    public Task<IReadOnlyList<WebRow>> GetPages(
        WebRange range, IReadOnlyList<PathRule> paths, int limit, StatementLimits limits, CancellationToken cancellation)
    {
        return Rows(range, limits, Statement, cancellation);

        string Statement(StatementParameters parameters)
        {
            Series pages = new(PageEvent, SeriesMath.UniqueUsers, null, range.Filters) { OrEvent = ScreenEvent };
            (string source, string person) = SeriesSql.Source(pages, Within(range), range.Project, true, "", parameters);
            return PagesText
                .Replace("{value}", Cleaned("e.pathname", paths, parameters), StringComparison.Ordinal)
                .Replace("{entry}", Cleaned("s.entry_pathname", paths, parameters), StringComparison.Ordinal)
                .Replace("{person}", person, StringComparison.Ordinal)
                .Replace("{source}", source, StringComparison.Ordinal)
                .Replace("{limit}", parameters.AddNext(limit), StringComparison.Ordinal);
        }
    }

    /// <summary>Groups events by name; the most frequent come first. Recordings are no events.</summary>
    /// <param name="range">The range and the filters.</param>
    /// <param name="limit">The most rows.</param>
    /// <param name="limits">The limits of the statement.</param>
    /// <param name="cancellation">Ends the work.</param>
    /// <exception cref="NpgsqlException">Postgres can't answer now, or refused a regular expression.</exception>
    public async Task<IReadOnlyList<WebEventRow>> GetEvents(
        WebRange range, int limit, StatementLimits limits, CancellationToken cancellation)
    {
        IReadOnlyList<object?[]> rows = await engines.Ask(
            range.Project,
            limits,
            reader =>
            {
                StatementParameters parameters = new(reader.Dialect);
                return reader.Rows(parameters.With(Statement(parameters)), cancellation);
            },
            cancellation);
        return [.. rows.Select(row => new WebEventRow((string)row[0]!, (long)row[1]!, (long)row[2]!, (long)row[3]!))];

        string Statement(StatementParameters parameters)
        {
            Series any = new("", SeriesMath.UniqueUsers, null, range.Filters) { IsOfAnyEvent = true };
            (string source, string person) = SeriesSql.Source(any, Within(range), range.Project, needsSession: false, "", parameters);
            return EventsText
                .Replace("{source}", source, StringComparison.Ordinal)
                .Replace("{person}", person, StringComparison.Ordinal)
                .Replace("{limit}", parameters.AddNext(limit), StringComparison.Ordinal);
        }
    }

    private static Statement Overview(WebRange range, Dialect dialect)
    {
        StatementParameters parameters = new(dialect);
        return parameters.With(OverviewText
            .Replace("{source}", OfSessions(range, SeriesMath.Total, parameters).Sql, StringComparison.Ordinal)
            .Replace("{persons}", dialect.JoinPersonsOfIds(range.Project, parameters), StringComparison.Ordinal));
    }

    private static WebOverview Overview(object?[] row) =>
        new((long)row[0]!, (long)row[1]!, (long)row[2]!, (double?)row[3], (double?)row[4], (double?)row[5]);

    private static (string Sql, string Person) OfSessions(WebRange range, SeriesMath math, StatementParameters parameters) =>
        SeriesSql.Source(new Series(null, math, null, range.Filters), Within(range), range.Project, true, "", parameters);

    private static Period WholeOf(WebRange range) => new(range.From, range.To, range.From < range.To ? [range.From] : []);

    private static double?[] Values(AggregationResult result, int period, int place) =>
    [
        .. Shown.Select((series, at) => result.Measured.TryGetValue((period, at, place), out Measured? measured)
            ? measured.Value
            : AggregateQueries.OfNothing(series)),
    ];

    private static WebOverview Tiles(double?[] values) => new(
        (long)values[0]!, (long)values[1]!, (long)(values[2] + values[3])!, values[5], values[6], values[4]);

    private static WebRow Row(string? value, double?[] values) => new(
        value, (long)values[1]!, (long)(values[2] + values[3])!, (long)values[0]!, values[4]);

    private static Period Within(WebRange range) => new(range.From, range.To, []);

    /// <summary>The SQL expression of a path that rules have rewritten.</summary>
    internal static string Cleaned(string path, IReadOnlyList<PathRule> rules, StatementParameters parameters) =>
        rules.Aggregate(path, (inner, rule) => parameters.Dialect.Rewritten(inner, rule.Pattern, rule.Replacement, parameters));

    private async Task<IReadOnlyList<WebRow>> Rows(
        WebRange range, StatementLimits limits, Func<StatementParameters, string> statement, CancellationToken cancellation)
    {
        IReadOnlyList<object?[]> rows = await engines.Ask(
            range.Project,
            limits,
            reader =>
            {
                StatementParameters parameters = new(reader.Dialect);
                return reader.Rows(parameters.With(statement(parameters)), cancellation);
            },
            cancellation);
        return
        [
            .. rows.Select(row => new WebRow(
                (string?)row[0], (long)row[1]!, Convert.ToInt64(row[2], CultureInfo.InvariantCulture), (long)row[3]!, (double?)row[4])),
        ];
    }
}
