using Npgsql;
using NpgsqlTypes;
using Sessions.Grains;

namespace Sessions.Postgres;

/// <summary>Removes replay blocks.</summary>
internal sealed class ReplayStore(NpgsqlDataSource database) : IReplayStore
{
    // A sweep may have much to do, and nobody waits for it.
    private const int TimeoutSeconds = 600;

    private static readonly string ProjectsText = QueryText.Read("replay_projects.sql");
    private static readonly string AgreeText = QueryText.Read("replay_agree.sql");
    private static readonly string ExpiredText = QueryText.Read("replay_expired.sql");
    private static readonly string RemoveText = QueryText.Read("replay_remove.sql");
    private static readonly string OrphansText = QueryText.Read("replay_orphans.sql");
    private static readonly string DropText = QueryText.Read("replay_drop_days.sql");

    public Task<IReadOnlyList<string>> Projects() => Try(async () =>
    {
        await using NpgsqlCommand command = Command(ProjectsText);
        List<string> projects = [];
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync();
        while (await reader.ReadAsync())
        {
            projects.Add(reader.GetString(0));
        }

        return (IReadOnlyList<string>)projects;
    });

    public Task<DateOnly?> Agree(string project, DateOnly before) => Try(async () =>
    {
        await using NpgsqlCommand command = Command(
            AgreeText,
            new NpgsqlParameter<string> { TypedValue = project },
            new NpgsqlParameter<DateOnly> { TypedValue = before });
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync();
        return await reader.ReadAsync() && !await reader.IsDBNullAsync(0) ? reader.GetFieldValue<DateOnly>(0) : (DateOnly?)null;
    });

    public Task<IReadOnlyList<SessionKey>> FindExpired(string project, DateOnly before, int limit) => Try(async () =>
    {
        await using NpgsqlCommand command = Command(
            ExpiredText,
            new NpgsqlParameter<string> { TypedValue = project },
            new NpgsqlParameter<DateOnly> { TypedValue = before },
            new NpgsqlParameter<int> { TypedValue = limit });
        List<SessionKey> sessions = [];
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync();
        while (await reader.ReadAsync())
        {
            sessions.Add(SessionKey.Create(project, reader.GetGuid(0)));
        }

        return (IReadOnlyList<SessionKey>)sessions;
    });

    public Task Remove(IReadOnlyList<SessionKey> sessions, DateOnly before) => Try(async () =>
    {
        await using NpgsqlCommand command = Command(
            RemoveText,
            Columns.Text(sessions, session => session.Project),
            Columns.Of(sessions, session => session.SessionId, NpgsqlDbType.Uuid),
            new NpgsqlParameter<DateOnly> { TypedValue = before });
        return await command.ExecuteNonQueryAsync();
    });

    public Task<int> RemoveOrphans(TimeSpan minAge, TimeSpan maxAge) => Try(async () =>
    {
        await using NpgsqlCommand command = Command(
            OrphansText,
            new NpgsqlParameter<TimeSpan> { TypedValue = minAge },
            new NpgsqlParameter<TimeSpan> { TypedValue = maxAge });
        return await command.ExecuteNonQueryAsync();
    });

    public Task DropEmptyDays(DateOnly before) => Try(async () =>
    {
        await using NpgsqlCommand command = Command(DropText, new NpgsqlParameter<DateOnly> { TypedValue = before });
        return await command.ExecuteNonQueryAsync();
    });

    private NpgsqlCommand Command(string text, params NpgsqlParameter[] parameters)
    {
        NpgsqlCommand command = database.CreateCommand(text);
        command.CommandTimeout = TimeoutSeconds;
        command.Parameters.AddRange(parameters);
        return command;
    }

    private static async Task<T> Try<T>(Func<Task<T>> ask)
    {
        try
        {
            return await ask();
        }
        catch (Exception failure) when (failure is NpgsqlException or TimeoutException or IOException)
        {
            throw new SessionsUnavailableException("Replay blocks can't be removed now.", failure);
        }
    }
}
