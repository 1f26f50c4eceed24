using Npgsql;
using Sessions.Database;
using Sessions.Database.Properties;
using Sessions.Queries.Engines;

namespace Sessions.Queries;

/// <summary>Reads sessions' rows, which are at most 10 seconds behind their grains.</summary>
public sealed class SessionQueries(QueryDataSource database, QueryEngines engines)
{
    private static readonly string CountText = SqlFile.Read("sessions_count.sql");
    private static readonly string AnyText = SqlFile.Read("sessions_any.sql");
    private static readonly string LiveText = SqlFile.Read("live_sessions.sql");
    private static readonly string MinutesText = SqlFile.Read("live_minutes.sql");

    /// <summary>Reads a page of sessions.</summary>
    /// <exception cref="NpgsqlException">
    /// Postgres can't answer now, or refused a filter's regular expression.
    /// </exception>
    public async Task<SessionPage> GetPage(SessionPageQuery query, StatementLimits limits, CancellationToken cancellation)
    {
        IReadOnlyList<object?[]> found = await engines.Ask(
            query.Project, limits, reader => reader.Rows(Page(query, reader.Dialect), cancellation), cancellation);
        List<SessionRow> rows = [.. found.Select(SessionRow.Of)];
        if (rows.Count <= query.Limit)
        {
            return new SessionPage(rows, Next: null);
        }

        rows.RemoveAt(query.Limit);
        SessionRow last = rows[^1];
        return new SessionPage(rows, new SessionPosition(query.Order.ValueOf(last), (Guid)last["$session_id"]!));
    }

    /// <summary>Counts the sessions of a list on all its pages; null when that takes longer than the limits allow.</summary>
    /// <exception cref="NpgsqlException">
    /// Postgres can't answer now, or refused a filter's regular expression.
    /// </exception>
    public async Task<long?> Count(SessionPageQuery query, StatementLimits limits, CancellationToken cancellation)
    {
        try
        {
            return (long)(await engines.Ask(
                query.Project, limits, reader => reader.Rows(CountOf(query, reader.Dialect), cancellation), cancellation))[0][0]!;
        }
        catch (PostgresException canceled) when (canceled.SqlState == PostgresErrorCodes.QueryCanceled && !cancellation.IsCancellationRequested)
        {
            return null;
        }
    }

    /// <summary>Whether the project ever had a session.</summary>
    /// <exception cref="NpgsqlException">Postgres can't answer now.</exception>
    public async Task<bool> HasAny(string project, CancellationToken cancellation)
    {
        await using NpgsqlCommand command = database.Source.CreateCommand(AnyText);
        command.Parameters.AddWithValue("@project", project);
        return await command.ExecuteScalarAsync(cancellation) is true;
    }

    /// <summary>Reads how many sessions are live, how many of them are active, and the latest of them.</summary>
    /// <param name="project">The project.</param>
    /// <param name="activeSince">A session is active when its last event happened at this time or later.</param>
    /// <param name="limit">The most sessions to answer with.</param>
    /// <param name="cancellation">Ends the query.</param>
    /// <param name="filters">Conditions on the sessions that count; null for none.</param>
    /// <exception cref="NpgsqlException">
    /// Postgres can't answer now, or refused a filter's regular expression.
    /// </exception>
    public async Task<LiveSessions> GetLive(
        string project, DateTimeOffset activeSince, int limit, CancellationToken cancellation, IReadOnlyList<Filter>? filters = null)
    {
        // The first three parameters are the statement's own.
        StatementParameters parameters = new(Dialect.Postgres);
        parameters.AddNext(project);
        parameters.AddNext(activeSince.ToUniversalTime());
        parameters.AddNext(limit);
        Statement statement = parameters.With(
            Filtered(LiveText, filters, parameters).Replace("{columns}", SessionProperties.Columns, StringComparison.Ordinal));
        await using NpgsqlConnection connection = await database.Source.OpenConnectionAsync(cancellation);
        await using NpgsqlCommand command = statement.OnPostgres(connection);

        long count = 0, active = 0;
        List<SessionRow> rows = [];
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
        {
            rows.Add(SessionRow.Read(reader));
            count = reader.GetInt64(SessionProperties.All.Count);
            active = reader.GetInt64(SessionProperties.All.Count + 1);
        }

        return new LiveSessions(count, active, rows);
    }

    /// <summary>Counts the sessions that began in each of the last minutes before a time, the oldest minute first.</summary>
    /// <exception cref="NpgsqlException">
    /// Postgres can't answer now, or refused a filter's regular expression.
    /// </exception>
    public async Task<IReadOnlyList<long>> GetMinutes(
        string project, DateTimeOffset until, int minutes, CancellationToken cancellation, IReadOnlyList<Filter>? filters = null)
    {
        // The first three parameters are the statement's own.
        StatementParameters parameters = new(Dialect.Postgres);
        parameters.AddNext(project);
        parameters.AddNext(until.ToUniversalTime());
        parameters.AddNext(minutes);
        Statement statement = parameters.With(Filtered(MinutesText, filters, parameters));
        await using NpgsqlConnection connection = await database.Source.OpenConnectionAsync(cancellation);
        await using NpgsqlCommand command = statement.OnPostgres(connection);
        long[] counts = new long[minutes];
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
        {
            counts[minutes - 1 - Math.Clamp(reader.GetInt32(0), 0, minutes - 1)] += reader.GetInt64(1);
        }

        return counts;
    }

    private static string Filtered(string text, IReadOnlyList<Filter>? filters, StatementParameters parameters) => text
        .Replace("{source}", filters is [_, ..] ? "tracking.all_sessions" : "tracking.sessions", StringComparison.Ordinal)
        .Replace(
            "{filters}",
            string.Join(" and ", (filters ?? []).Select(filter => filter.OnSession(parameters)).Prepend("true")),
            StringComparison.Ordinal);

    private static Statement Page(SessionPageQuery query, Dialect dialect)
    {
        StatementParameters parameters = new(dialect);
        dialect.CheckOrder(query.Order.Property.Type, isByBytes: false);
        List<string> conditions = Conditions(query, parameters);
        if (query.After is { } after)
        {
            conditions.Add(query.Order.SqlAfter(after, parameters));
        }

        // One more than requested, to find out whether there is a next page.
        string limit = parameters.AddNext(query.Limit + 1);
        return parameters.With(dialect.PageText
            .Replace("{columns}", SessionProperties.Columns, StringComparison.Ordinal)
            .Replace("{conditions}", string.Join(" and ", conditions), StringComparison.Ordinal)
            .Replace("{order}", query.Order.Sql, StringComparison.Ordinal)
            .Replace("{limit}", limit, StringComparison.Ordinal));
    }

    private static Statement CountOf(SessionPageQuery query, Dialect dialect)
    {
        StatementParameters parameters = new(dialect);
        return parameters.With(CountText
            .Replace("{sessions}", dialect.Sessions, StringComparison.Ordinal)
            .Replace("{conditions}", string.Join(" and ", Conditions(query, parameters)), StringComparison.Ordinal));
    }

    private static List<string> Conditions(SessionPageQuery query, StatementParameters parameters)
    {
        List<string> conditions = [parameters.Dialect.IsOf("s", query.Project, parameters)];
        if (query.From is { } from)
        {
            conditions.Add($"s.start_timestamp >= {parameters.AddNext(from)}");
        }

        if (query.To is { } to)
        {
            conditions.Add($"s.start_timestamp < {parameters.AddNext(to)}");
        }

        conditions.AddRange(query.Filters.Select(filter => filter.OnSession(parameters)));
        if (query.Counted is { } counted)
        {
            conditions.Add(counted.Condition(parameters));
        }

        return conditions;
    }
}
