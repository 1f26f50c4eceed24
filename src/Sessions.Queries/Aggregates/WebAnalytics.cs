using System.Data;
using Npgsql;
using Sessions.Database;
using Sessions.Database.Properties;

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
public sealed class WebAnalytics(QuestionDataSource database, AggregateQueries aggregates)
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

        List<WebOverview> overviews = [];
        foreach (WebRange range in ranges)
        {
            overviews.Add(await GetOverview(range, limits, cancellation));
        }

        return overviews;
    }

    private async Task<WebOverview> GetOverview(WebRange range, StatementLimits limits, CancellationToken cancellation)
    {
        await using NpgsqlConnection connection = await database.Source.OpenConnectionAsync(cancellation);
        await using NpgsqlTransaction transaction = await Begin(connection, limits, cancellation);
        await using NpgsqlCommand command = connection.CreateCommand();
        command.CommandText = OverviewText
            .Replace("{source}", OfSessions(range, SeriesMath.Total, command.Parameters), StringComparison.Ordinal)
            .Replace("{project}", command.Parameters.AddNext(range.Project), StringComparison.Ordinal);
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancellation);
        await reader.ReadAsync(cancellation);
        return new WebOverview(
            reader.GetInt64(0), reader.GetInt64(1), reader.GetInt64(2), Number(reader, 3), Number(reader, 4), Number(reader, 5));
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

        await using NpgsqlConnection connection = await database.Source.OpenConnectionAsync(cancellation);
        await using NpgsqlTransaction transaction = await Begin(connection, limits, cancellation);
        await using NpgsqlCommand command = connection.CreateCommand();
        command.CommandText = SessionsText
            .Replace("{value}", Cleaned($"s.{property.Column}", paths, command.Parameters), StringComparison.Ordinal)
            .Replace("{source}", OfSessions(range, SeriesMath.UniqueUsers, command.Parameters), StringComparison.Ordinal);
        return await Rows(command, limit, cancellation);
    }

    /// <summary>Groups pageviews and screens by path; the paths with the most visitors come first.</summary>
    /// <inheritdoc cref="GetSessions"/>
    public async Task<IReadOnlyList<WebRow>> GetPages(
        WebRange range, IReadOnlyList<PathRule> paths, int limit, StatementLimits limits, CancellationToken cancellation)
    {
        await using NpgsqlConnection connection = await database.Source.OpenConnectionAsync(cancellation);
        await using NpgsqlTransaction transaction = await Begin(connection, limits, cancellation);
        await using NpgsqlCommand command = connection.CreateCommand();
        command.CommandText = PagesText
            .Replace("{value}", Cleaned("e.pathname", paths, command.Parameters), StringComparison.Ordinal)
            .Replace("{entry}", Cleaned("s.entry_pathname", paths, command.Parameters), StringComparison.Ordinal)
            .Replace("{source}", OfPages(range, command.Parameters), StringComparison.Ordinal);
        return await Rows(command, limit, cancellation);
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
        await using NpgsqlConnection connection = await database.Source.OpenConnectionAsync(cancellation);
        await using NpgsqlTransaction transaction = await Begin(connection, limits, cancellation);
        await using NpgsqlCommand command = connection.CreateCommand();
        Series any = new("", SeriesMath.UniqueUsers, null, range.Filters) { IsOfAnyEvent = true };
        command.CommandText = EventsText.Replace(
            "{source}", SeriesSql.Source(any, Within(range), range.Project, needsSession: false, "", command.Parameters), StringComparison.Ordinal);
        command.Parameters.AddWithValue("@limit", limit);
        List<WebEventRow> rows = [];
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
        {
            rows.Add(new WebEventRow(reader.GetString(0), reader.GetInt64(1), reader.GetInt64(2), reader.GetInt64(3)));
        }

        return rows;
    }

    private static async Task<NpgsqlTransaction> Begin(
        NpgsqlConnection connection, StatementLimits limits, CancellationToken cancellation)
    {
        NpgsqlTransaction transaction = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellation);
        await using NpgsqlCommand command = new(limits.SetLocal, connection);
        await command.ExecuteNonQueryAsync(cancellation);
        return transaction;
    }

    private static string OfSessions(WebRange range, SeriesMath math, NpgsqlParameterCollection parameters) =>
        SeriesSql.Source(new Series(null, math, null, range.Filters), Within(range), range.Project, true, "", parameters);

    private static string OfPages(WebRange range, NpgsqlParameterCollection parameters) => SeriesSql.Source(
        new Series(PageEvent, SeriesMath.UniqueUsers, null, range.Filters) { OrEvent = ScreenEvent },
        Within(range), range.Project, true, "", parameters);

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
    internal static string Cleaned(string path, IReadOnlyList<PathRule> rules, NpgsqlParameterCollection parameters) =>
        rules.Aggregate(path, (inner, rule) =>
            $"regexp_replace({inner}, {parameters.AddNext(rule.Pattern)}, {parameters.AddNext(rule.Replacement)}, 'g')");

    private static async Task<IReadOnlyList<WebRow>> Rows(NpgsqlCommand command, int limit, CancellationToken cancellation)
    {
        command.Parameters.AddWithValue("@limit", limit);
        List<WebRow> rows = [];
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
        {
            rows.Add(new WebRow(
                reader.IsDBNull(0) ? null : reader.GetString(0),
                reader.GetInt64(1),
                reader.GetInt64(2),
                reader.GetInt64(3),
                Number(reader, 4)));
        }

        return rows;
    }

    private static double? Number(NpgsqlDataReader reader, int column) => reader.IsDBNull(column) ? null : reader.GetDouble(column);
}
