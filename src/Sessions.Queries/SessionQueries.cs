using Npgsql;
using NpgsqlTypes;
using Sessions.Database;
using Sessions.Database.Properties;

namespace Sessions.Queries;

/// <summary>Reads sessions' rows, which are at most 10 seconds behind their grains.</summary>
public sealed class SessionQueries(QuestionDataSource database)
{
    private static readonly string PageText = SqlFile.Read("sessions_page.sql");
    private static readonly string CountText = SqlFile.Read("sessions_count.sql");
    private static readonly string AnyText = SqlFile.Read("sessions_any.sql");
    private static readonly string LiveText = SqlFile.Read("live_sessions.sql");

    /// <summary>Reads a page of sessions.</summary>
    /// <exception cref="NpgsqlException">
    /// Postgres can't answer now, or refused a filter's regular expression.
    /// </exception>
    public async Task<SessionPage> GetPage(SessionPageQuery query, StatementLimits limits, CancellationToken cancellation)
    {
        await using NpgsqlConnection connection = await database.Source.OpenConnectionAsync(cancellation);
        await using NpgsqlTransaction transaction = await limits.Begin(connection, cancellation);
        await using NpgsqlCommand command = connection.CreateCommand();
        AddRange(command, query);
        // One more than requested, to find out whether there is a next page.
        command.Parameters.AddWithValue("@limit", query.Limit + 1);
        if (query.After is { } after)
        {
            command.Parameters.AddWithValue("@after_id", after.SessionId);
            if (after.Value is not null)
            {
                command.Parameters.AddWithValue("@after", after.Value);
            }
        }

        command.CommandText = PageText
            .Replace("{columns}", SessionProperties.Columns, StringComparison.Ordinal)
            .Replace("{filters}", Filters(command, query), StringComparison.Ordinal)
            .Replace("{after}", query.Order.SqlAfter(query.After), StringComparison.Ordinal)
            .Replace("{order}", query.Order.Sql, StringComparison.Ordinal);

        List<SessionRow> rows = [];
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
        {
            rows.Add(SessionRow.Read(reader));
        }

        if (rows.Count <= query.Limit)
        {
            return new SessionPage(rows, Next: null);
        }

        rows.RemoveAt(query.Limit);
        SessionRow last = rows[^1];
        return new SessionPage(rows, new SessionPosition(last[query.Order.Property.Name], (Guid)last["$session_id"]!));
    }

    /// <summary>Counts the sessions of a list on all its pages; null when that takes longer than the limits allow.</summary>
    /// <exception cref="NpgsqlException">
    /// Postgres can't answer now, or refused a filter's regular expression.
    /// </exception>
    public async Task<long?> Count(SessionPageQuery query, StatementLimits limits, CancellationToken cancellation)
    {
        await using NpgsqlConnection connection = await database.Source.OpenConnectionAsync(cancellation);
        await using NpgsqlTransaction transaction = await limits.Begin(connection, cancellation);
        await using NpgsqlCommand command = connection.CreateCommand();
        AddRange(command, query);
        command.CommandText = CountText.Replace("{filters}", Filters(command, query), StringComparison.Ordinal);
        try
        {
            return (long)(await command.ExecuteScalarAsync(cancellation))!;
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
        await using NpgsqlCommand command = database.Source.CreateCommand();
        command.CommandText = LiveText
            .Replace("{columns}", SessionProperties.Columns, StringComparison.Ordinal)
            .Replace("{source}", filters is [_, ..] ? "tracking.all_sessions" : "tracking.sessions", StringComparison.Ordinal)
            .Replace(
                "{filters}",
                string.Join(" and ", (filters ?? []).Select(filter => filter.OnSession(command.Parameters)).Prepend("true")),
                StringComparison.Ordinal);
        command.Parameters.AddWithValue("@project", project);
        command.Parameters.AddWithValue("@active_since", activeSince.ToUniversalTime());
        command.Parameters.AddWithValue("@limit", limit);

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

    private static void AddRange(NpgsqlCommand command, SessionPageQuery query)
    {
        command.Parameters.AddWithValue("@project", query.Project);
        command.Parameters.Add(Time("@date_from", query.From));
        command.Parameters.Add(Time("@date_to", query.To));
    }

    private static string Filters(NpgsqlCommand command, SessionPageQuery query) => string.Join(
        " and ",
        query.Filters.Select(filter => filter.OnSession(command.Parameters))
            .Append(query.Counted?.Condition(command.Parameters) ?? "true"));

    private static NpgsqlParameter Time(string name, DateTimeOffset? time) =>
        new(name, NpgsqlDbType.TimestampTz) { Value = (object?)time ?? DBNull.Value };
}
