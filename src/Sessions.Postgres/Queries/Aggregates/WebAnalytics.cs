using System.Data;
using Npgsql;
using Sessions.Postgres.Hours;

namespace Sessions.Postgres.Queries.Aggregates;

/// <summary>The tiles of one period.</summary>
/// <param name="Sessions">The sessions that began in it.</param>
/// <param name="Visitors">The persons who had them.</param>
/// <param name="Views">Their pages and screens.</param>
/// <param name="AverageDuration">In seconds; null without a session.</param>
/// <param name="MedianDuration">In seconds; null without a session.</param>
/// <param name="BounceRate">Of the sessions that have a page or screen; null when none has.</param>
public sealed record WebOverview(
    long Sessions, long Visitors, long Views, double? AverageDuration, double? MedianDuration, double? BounceRate);

/// <summary>A row of a table.</summary>
public sealed record WebRow(string? Value, long Visitors, long Views, long Sessions, double? BounceRate);

/// <summary>Rewrites paths that name one page in many ways: <c>/users/17</c> becomes <c>/users/:id</c>.</summary>
/// <param name="Pattern">A regular expression of Postgres.</param>
/// <param name="Replacement">What takes the place of everything it matches; <c>\1</c> is its first group.</param>
public sealed record PathRule(string Pattern, string Replacement);

/// <summary>The sessions that a page of web analytics is about.</summary>
/// <param name="Project">The project.</param>
/// <param name="From">Sessions that start then or later.</param>
/// <param name="To">Sessions that start before.</param>
/// <param name="Filters">What else must hold.</param>
public sealed record WebRange(string Project, DateTimeOffset From, DateTimeOffset To, IReadOnlyList<Filter> Filters);

/// <summary>What the pages of web analytics show.</summary>
public sealed class WebAnalytics(QuestionDataSource database, AggregateQueries aggregates)
{
    // All that the tiles and the tables show, for questions that kept hours answer.
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


    private static readonly string OverviewText = QueryText.Read("web_overview.sql");
    private static readonly string SessionsText = QueryText.Read("web_sessions_table.sql");
    private static readonly string PagesText = QueryText.Read("web_pages_table.sql");

    /// <summary>The tiles of ranges of one project, all as of the same moment.</summary>
    /// <exception cref="NpgsqlException">Postgres can't answer now, or refused a filter's regular expression.</exception>
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

    /// <summary>The sessions by a property of theirs, those with the most visitors first.</summary>
    /// <param name="range">Which sessions.</param>
    /// <param name="property">The property: a text.</param>
    /// <param name="paths">How the property's values are rewritten, in this order.</param>
    /// <param name="limit">The most rows.</param>
    /// <param name="limits">What the statement may take.</param>
    /// <param name="cancellation">Ends the work.</param>
    /// <exception cref="NpgsqlException">Postgres can't answer now, or refused a regular expression.</exception>
    public async Task<IReadOnlyList<WebRow>> GetSessions(
        WebRange range, SessionProperty property, IReadOnlyList<PathRule> paths, int limit, StatementLimits limits, CancellationToken cancellation)
    {
        if (range.Filters is [] && paths is [])
        {
            // All values have a group: which rows come first depends on more than what a breakdown weighs by.
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

    /// <summary>The pages and screens that were seen, those with the most visitors first.</summary>
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
        new Series("$pageview", SeriesMath.UniqueUsers, null, range.Filters) { OrEvent = "$screen" },
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

    private static string Cleaned(string path, IReadOnlyList<PathRule> rules, NpgsqlParameterCollection parameters) =>
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
