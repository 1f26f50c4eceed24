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

/// <summary>A table of web analytics.</summary>
/// <param name="Range">The range and the filters.</param>
/// <param name="Limit">The most rows.</param>
/// <param name="Before">The range to compare with; null for none.</param>
public sealed record TableQuery(WebRange Range, int Limit, WebRange? Before = null);

/// <summary>The answer to a table of web analytics.</summary>
/// <param name="Rows">The rows.</param>
/// <param name="Before">The rows of the same values in the range to compare with. Those of values that it does not have are missing.</param>
public sealed record TableResult<TRow>(IReadOnlyList<TRow> Rows, IReadOnlyList<TRow> Before);

/// <summary>Reads the tiles and tables of web analytics.</summary>
public sealed class WebAnalytics(QueryEngines engines)
{
    /// <summary>The event whose occurrences are views of a page.</summary>
    public const string PageEvent = "$pageview";

    /// <summary>The event whose occurrences are views of a screen.</summary>
    public const string ScreenEvent = "$screen";

    // More than a table of events shows, and more names than projects have.
    private const int MostNamesBefore = 10_000;

    private static readonly string OverviewText = SqlFile.Read("web_overview.sql");
    private static readonly string OverviewByIdText = SqlFile.Read("web_overview_by_id.sql");
    private static readonly string SessionsText = SqlFile.Read("web_sessions_table.sql");

    /// <summary>Reads the tiles of ranges of one project, all from the same snapshot.</summary>
    /// <exception cref="NpgsqlException">
    /// Postgres can't answer now, or refused a filter's regular expression.
    /// </exception>
    public async Task<IReadOnlyList<WebOverview>> GetOverviews(
        IReadOnlyList<WebRange> ranges, StatementLimits limits, CancellationToken cancellation)
    {
        IReadOnlyList<IReadOnlyList<object?[]>> rows = await engines.Ask(
            ranges[0].Project, limits, reader => reader.Read([.. ranges.Select(range => Overview(range, reader.Dialect))], cancellation), cancellation);
        return [.. rows.Select(row => Overview(row[0]))];
    }

    /// <summary>Groups sessions by a property; the values with the most visitors come first.</summary>
    /// <param name="table">The table.</param>
    /// <param name="property">The property, whose type must be text.</param>
    /// <param name="paths">The rules that rewrite the property's values, in this order.</param>
    /// <param name="limits">The limits of each statement.</param>
    /// <param name="cancellation">Ends the work.</param>
    /// <exception cref="NpgsqlException">Postgres can't answer now, or refused a regular expression.</exception>
    public Task<TableResult<WebRow>> GetSessions(
        TableQuery table, SessionProperty property, IReadOnlyList<PathRule> paths, StatementLimits limits, CancellationToken cancellation)
    {
        return engines.Ask(table.Range.Project, limits, reader => ReadInTurn(reader, table, Statement, Row, cancellation), cancellation);

        string Statement(WebRange range, IReadOnlyList<object?>? values, StatementParameters parameters)
        {
            (string source, string person) = OfSessions(range, SeriesMath.UniqueUsers, parameters);
            string value = Cleaned($"s.{property.Column}", paths, parameters);
            return SessionsText
                .Replace("{value}", value, StringComparison.Ordinal)
                .Replace("{person}", person, StringComparison.Ordinal)
                .Replace("{source}", source + IsAmong(value, values, parameters), StringComparison.Ordinal)
                .Replace("{limit}", parameters.AddNext(table.Limit), StringComparison.Ordinal);
        }
    }

    /// <summary>Groups pageviews and screens by path; the paths with the most visitors come first.</summary>
    /// <inheritdoc cref="GetSessions"/>
    public Task<TableResult<WebRow>> GetPages(
        TableQuery table, IReadOnlyList<PathRule> paths, StatementLimits limits, CancellationToken cancellation)
    {
        return engines.Ask(
            table.Range.Project,
            limits,
            async reader =>
            {
                if (table.Before is not { } before || reader.Dialect.ComparedPagesText is not { } text || !AreApart(table.Range, before))
                {
                    return await ReadInTurn(reader, table, Statement, Row, cancellation);
                }

                ILookup<bool, object?[]> rows = (await reader.Read([Compared(text, before, reader.Dialect)], cancellation))[0].ToLookup(row => (bool)row[^1]!);
                return new TableResult<WebRow>([.. rows[true].Select(Row)], [.. rows[false].Select(Row)]);
            },
            cancellation);

        string Statement(WebRange range, IReadOnlyList<object?>? values, StatementParameters parameters) =>
            Filled(parameters.Dialect.PagesTable.Text, [range], values, parameters);

        Statement Compared(string text, WebRange before, Dialect dialect)
        {
            StatementParameters parameters = new(dialect);
            int groups = 2 * table.Limit;
            string session = $"own.{dialect.SessionKey}";
            return parameters.With(Filled(text, [table.Range, before], null, parameters)
                .Replace("{now}", $"e.timestamp >= {parameters.AddNext(table.Range.From)} and e.timestamp < {parameters.AddNext(table.Range.To)}", StringComparison.Ordinal)
                .Replace("{visitors}", dialect.CountPersons("shown.person", groups), StringComparison.Ordinal)
                .Replace("{sessions}", dialect.CountSessions("shown.session", groups), StringComparison.Ordinal)
                .Replace("{bounced}", dialect.CountSessions($"case when own.is_bounce then {session} end", groups), StringComparison.Ordinal)
                .Replace("{began}", dialect.CountSessions($"case when own.is_bounce is not null then {session} end", groups), StringComparison.Ordinal));
        }

        string Filled(string text, IReadOnlyList<WebRange> ranges, IReadOnlyList<object?>? values, StatementParameters parameters)
        {
            (string source, string person) = SeriesSql.Source(
                new Series(PageEvent, SeriesMath.UniqueUsers, null, table.Range.Filters) { OrEvent = ScreenEvent },
                [.. ranges.Select(Within)],
                table.Range.Project,
                needsSession: false,
                parameters.Dialect.PagesTable.Join,
                parameters);
            string value = Cleaned("e.pathname", paths, parameters);
            return text
                .Replace("{value}", value, StringComparison.Ordinal)
                .Replace("{entry}", Cleaned("own.entry_pathname", paths, parameters), StringComparison.Ordinal)
                .Replace("{session}", parameters.Dialect.SessionKey, StringComparison.Ordinal)
                .Replace("{person}", person, StringComparison.Ordinal)
                .Replace("{source}", source + IsAmong(value, values, parameters), StringComparison.Ordinal)
                .Replace("{limit}", parameters.AddNext(table.Limit), StringComparison.Ordinal);
        }

        static bool AreApart(WebRange one, WebRange other) => one.To <= other.From || other.To <= one.From;
    }

    /// <summary>Groups events by name; the most frequent come first. Recordings are no events.</summary>
    /// <param name="table">The table.</param>
    /// <param name="limits">The limits of each statement.</param>
    /// <param name="cancellation">Ends the work.</param>
    /// <exception cref="NpgsqlException">Postgres can't answer now, or refused a regular expression.</exception>
    public Task<TableResult<WebEventRow>> GetEvents(TableQuery table, StatementLimits limits, CancellationToken cancellation)
    {
        return engines.Ask(
            table.Range.Project,
            limits,
            async reader =>
            {
                // Together: a statement takes about as long for few names as for all.
                IReadOnlyList<IReadOnlyList<object?[]>> rows = await reader.Read(
                    [
                        Statement(table.Range, table.Limit, reader.Dialect),
                        .. table.Before is { } before ? [Statement(before, MostNamesBefore, reader.Dialect)] : (Statement[])[],
                    ],
                    cancellation);
                return new TableResult<WebEventRow>([.. rows[0].Select(Row)], [.. rows.Skip(1).SelectMany(some => some).Select(Row)]);
            },
            cancellation);

        static WebEventRow Row(object?[] row) => new((string)row[0]!, (long)row[1]!, (long)row[2]!, (long)row[3]!);

        static Statement Statement(WebRange range, int limit, Dialect dialect)
        {
            StatementParameters parameters = new(dialect);
            Series any = new("", SeriesMath.UniqueUsers, null, range.Filters) { IsOfAnyEvent = true };
            (string source, string person) = SeriesSql.Source(any, Within(range), range.Project, needsSession: false, "", parameters);
            return parameters.With(dialect.EventsTableText
                .Replace("{session}", dialect.SessionKey, StringComparison.Ordinal)
                .Replace("{source}", source, StringComparison.Ordinal)
                .Replace("{person}", person, StringComparison.Ordinal)
                .Replace("{limit}", parameters.AddNext(limit), StringComparison.Ordinal));
        }
    }

    private static Statement Overview(WebRange range, Dialect dialect)
    {
        StatementParameters parameters = new(dialect);
        string median = dialect.Percentile("s.session_duration", PropertyType.Seconds, 0.5);
        if (dialect.PersonsOfIds(range.Project, parameters) is not var (id, persons, person))
        {
            (string source, string itsPerson) = OfSessions(range, SeriesMath.UniqueUsers, parameters);
            return parameters.With(OverviewText
                .Replace("{source}", source, StringComparison.Ordinal)
                .Replace("{median}", median, StringComparison.Ordinal)
                .Replace("{visitors}", dialect.CountPersons(itsPerson, groups: 1), StringComparison.Ordinal));
        }

        return parameters.With(OverviewByIdText
            .Replace("{source}", OfSessions(range, SeriesMath.Total, parameters).Sql, StringComparison.Ordinal)
            .Replace("{median}", median, StringComparison.Ordinal)
            .Replace("{id}", id, StringComparison.Ordinal)
            .Replace("{person}", person, StringComparison.Ordinal)
            .Replace("{persons}", persons, StringComparison.Ordinal));
    }

    private static WebOverview Overview(object?[] row) =>
        new((long)row[0]!, (long)row[1]!, (long)row[2]!, (double?)row[3], (double?)row[4], (double?)row[5]);

    private static (string Sql, string Person) OfSessions(WebRange range, SeriesMath math, StatementParameters parameters) =>
        SeriesSql.Source(new Series(null, math, null, range.Filters), Within(range), range.Project, true, "", parameters);

    private static Period Within(WebRange range) => new(range.From, range.To, []);

    /// <summary>The SQL expression of a path that rules have rewritten.</summary>
    internal static string Cleaned(string path, IReadOnlyList<PathRule> rules, StatementParameters parameters) =>
        rules.Aggregate(path, (inner, rule) => parameters.Dialect.Rewritten(inner, rule.Pattern, rule.Replacement, parameters));

    private static WebRow Row(object?[] row) =>
        new((string?)row[0], (long)row[1]!, Convert.ToInt64(row[2], CultureInfo.InvariantCulture), (long)row[3]!, (double?)row[4]);

    /// <summary>The rest of an SQL condition that leaves only some values; empty when there is no such condition.</summary>
    private static string IsAmong(string value, IReadOnlyList<object?>? values, StatementParameters parameters)
    {
        if (values is null)
        {
            return "";
        }

        object[] some = [.. values.OfType<object>()];
        string[] conditions =
        [
            .. some is [] ? (string[])[] : [parameters.Dialect.IsAnyOf(value, some, parameters)],
            .. some.Length < values.Count ? [$"{value} is null"] : (string[])[],
        ];
        return $" and ({string.Join(" or ", conditions)})";
    }

    // The rows before are read when the values are known: to group all values of the range before takes as long again.
    private static async Task<TableResult<TRow>> ReadInTurn<TRow>(
        StatementReader reader,
        TableQuery table,
        Func<WebRange, IReadOnlyList<object?>?, StatementParameters, string> statement,
        Func<object?[], TRow> row,
        CancellationToken cancellation)
    {
        IReadOnlyList<object?[]> rows = await Rows(table.Range, values: null);
        IReadOnlyList<object?[]> before = table.Before is { } range && rows.Count > 0 ? await Rows(range, [.. rows.Select(one => one[0])]) : [];
        return new TableResult<TRow>([.. rows.Select(row)], [.. before.Select(row)]);

        async Task<IReadOnlyList<object?[]>> Rows(WebRange range, IReadOnlyList<object?>? values)
        {
            StatementParameters parameters = new(reader.Dialect);
            return (await reader.Read([parameters.With(statement(range, values, parameters))], cancellation))[0];
        }
    }
}
