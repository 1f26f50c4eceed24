using Npgsql;
using NpgsqlTypes;
using Sessions.Database;

namespace Sessions.Silo.Replay;

/// <summary>Removes replay blocks.</summary>
internal sealed class ReplayStore(NpgsqlDataSource database)
{
    // Long: a sweep may have much to do, and no request waits for it.
    private const int TimeoutSeconds = 600;

    private static readonly string ProjectsText = SqlFile.Read("replay_projects.sql");
    private static readonly string AgreeText = SqlFile.Read("replay_agree.sql");
    private static readonly string ExpiredText = SqlFile.Read("replay_expired.sql");
    private static readonly string RemoveText = SqlFile.Read("replay_remove.sql");
    private static readonly string OrphansText = SqlFile.Read("replay_orphans.sql");
    private static readonly string DropText = SqlFile.Read("replay_drop_days.sql");

    /// <summary>The ids of all projects.</summary>
    /// <exception cref="SessionsUnavailableException">Postgres is away.</exception>
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

    /// <summary>Records the day before which a project's recordings may be deleted.</summary>
    /// <param name="project">The project.</param>
    /// <param name="before">The day.</param>
    /// <returns>
    /// The latest such day, not after this one, that was recorded at least a day ago; null when there is none.
    /// </returns>
    /// <exception cref="SessionsUnavailableException">Postgres is away.</exception>
    public Task<DateOnly?> Agree(string project, DateOnly before) => Try(async () =>
    {
        await using NpgsqlCommand command = Command(
            AgreeText,
            new NpgsqlParameter<string> { TypedValue = project },
            new NpgsqlParameter<DateOnly> { TypedValue = before });
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync();
        return await reader.ReadAsync() && !await reader.IsDBNullAsync(0) ? reader.GetFieldValue<DateOnly>(0) : (DateOnly?)null;
    });

    /// <summary>Finds sessions of a project whose blocks were all written before a day.</summary>
    /// <exception cref="SessionsUnavailableException">Postgres is away.</exception>
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

    /// <summary>Removes those blocks of the sessions that were written before a day.</summary>
    /// <exception cref="SessionsUnavailableException">Postgres is away.</exception>
    public Task Remove(IReadOnlyList<SessionKey> sessions, DateOnly before) => Try(async () =>
    {
        await using NpgsqlCommand command = Command(
            RemoveText,
            Columns.Text(sessions, session => session.Project),
            Columns.Of(sessions, session => session.SessionId, NpgsqlDbType.Uuid),
            new NpgsqlParameter<DateOnly> { TypedValue = before });
        return await command.ExecuteNonQueryAsync();
    });

    /// <summary>
    /// Removes orphaned blocks: their summaries never reached a journal, or their session's replay was deleted.
    /// </summary>
    /// <param name="minAge">Removes only blocks that were stored at least this long ago.</param>
    /// <param name="maxAge">Removes only blocks that were stored at most this long ago.</param>
    /// <returns>The number of removed blocks.</returns>
    /// <exception cref="SessionsUnavailableException">Postgres is away.</exception>
    public Task<int> RemoveOrphans(TimeSpan minAge, TimeSpan maxAge) => Try(async () =>
    {
        await using NpgsqlCommand command = Command(
            OrphansText,
            new NpgsqlParameter<TimeSpan> { TypedValue = minAge },
            new NpgsqlParameter<TimeSpan> { TypedValue = maxAge });
        return await command.ExecuteNonQueryAsync();
    });

    /// <summary>Drops empty partitions of days before this one.</summary>
    /// <exception cref="SessionsUnavailableException">Postgres is away.</exception>
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
        catch (Exception failure) when (PostgresAway.Is(failure))
        {
            throw new SessionsUnavailableException("Replay blocks can't be removed now.", failure);
        }
    }
}
