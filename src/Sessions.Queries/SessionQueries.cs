using Npgsql;
using NpgsqlTypes;
using Sessions.Database;
using Sessions.Database.Properties;

namespace Sessions.Queries;

/// <summary>Reads sessions' rows, which are at most 10 seconds behind their grains.</summary>
public sealed class SessionQueries(QuestionDataSource database)
{
    private static readonly string PageText = SqlFile.Read("sessions_page.sql");
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
        command.Parameters.AddWithValue("@project", query.Project);
        command.Parameters.Add(Time("@date_from", query.From));
        command.Parameters.Add(Time("@date_to", query.To));
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

        string filters = string.Join(" and ", query.Filters.Select(filter => filter.OnSession(command.Parameters)).Prepend("true"));
        command.CommandText = PageText
            .Replace("{columns}", SessionProperties.Columns, StringComparison.Ordinal)
            .Replace("{filters}", filters, StringComparison.Ordinal)
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

    /// <summary>Reads how many sessions are live, and the latest of them.</summary>
    /// <exception cref="NpgsqlException">Postgres can't answer now.</exception>
    public async Task<LiveSessions> GetLive(string project, int limit, CancellationToken cancellation)
    {
        await using NpgsqlCommand command = database.Source.CreateCommand(
            LiveText.Replace("{columns}", SessionProperties.Columns, StringComparison.Ordinal));
        command.Parameters.AddWithValue("@project", project);
        command.Parameters.AddWithValue("@limit", limit);

        long count = 0;
        List<SessionRow> rows = [];
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
        {
            rows.Add(SessionRow.Read(reader));
            count = reader.GetInt64(SessionProperties.All.Count);
        }

        return new LiveSessions(count, rows);
    }

    private static NpgsqlParameter Time(string name, DateTimeOffset? time) =>
        new(name, NpgsqlDbType.TimestampTz) { Value = (object?)time ?? DBNull.Value };
}
