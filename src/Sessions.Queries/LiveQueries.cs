using Npgsql;
using Sessions.Database;
using Sessions.Database.Properties;

namespace Sessions.Queries;

/// <summary>Reads live sessions, so that watchers can check that they have missed no change.</summary>
public sealed class LiveQueries(NpgsqlDataSource database)
{
    private static readonly string IdsText = SqlFile.Read("live_ids.sql");
    private static readonly string ByIdText = SqlFile.Read("sessions_by_id.sql");

    /// <summary>
    /// Reads the project's live sessions, at most that many: their ids, and the versions of their rows.
    /// </summary>
    /// <exception cref="NpgsqlException">Postgres can't answer now.</exception>
    public async Task<IReadOnlyDictionary<Guid, long>> GetVersions(string project, int most, CancellationToken cancellation)
    {
        await using NpgsqlCommand command = database.CreateCommand(IdsText);
        command.Parameters.Add(new() { Value = project });
        command.Parameters.Add(new() { Value = (long)most });
        Dictionary<Guid, long> versions = [];
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
        {
            versions.Add(reader.GetGuid(0), reader.GetInt32(1));
        }

        return versions;
    }

    /// <summary>Reads the rows of the sessions with these ids.</summary>
    /// <exception cref="NpgsqlException">Postgres can't answer now.</exception>
    public async Task<IReadOnlyList<SessionRow>> GetSessions(
        string project, IReadOnlyCollection<Guid> ids, CancellationToken cancellation)
    {
        if (ids.Count == 0)
        {
            return [];
        }

        await using NpgsqlCommand command = database.CreateCommand(
            ByIdText.Replace("{columns}", SessionProperties.Columns, StringComparison.Ordinal));
        command.Parameters.AddWithValue("@project", project);
        command.Parameters.AddWithValue("@ids", ids.ToArray());
        List<SessionRow> rows = [];
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
        {
            rows.Add(SessionRow.Read(reader));
        }

        return rows;
    }
}
