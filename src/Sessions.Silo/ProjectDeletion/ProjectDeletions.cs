using Microsoft.Extensions.Options;
using Npgsql;
using Sessions.Database;

namespace Sessions.Silo.ProjectDeletion;

/// <summary>A deletion that this silo holds.</summary>
/// <param name="Project">The project.</param>
/// <param name="MayEnd">Whether it began long enough ago to end (<see cref="ProjectDeletionOptions.Least"/>).</param>
internal sealed record LeasedDeletion(string Project, bool MayEnd);

/// <summary>
/// The requested deletions of projects. Any silo may repeat any step: the project's row says that it is being deleted, and
/// goes last.
/// </summary>
internal sealed class ProjectDeletions(NpgsqlDataSource database, IOptions<ProjectDeletionOptions> options)
{
    // A batch may read a large table whose rows have just gone.
    private const int TimeoutSeconds = 600;

    private static readonly string TakeText = SqlFile.Read("project_deletion_take.sql");
    private static readonly string HoldText = SqlFile.Read("project_deletion_hold.sql");
    private static readonly string RemoveText = SqlFile.Read("project_deletion_remove.sql");
    private static readonly string ReadersText = SqlFile.Read("project_deletion_readers.sql");
    private static readonly string FinishText = SqlFile.Read("project_deletion_finish.sql");

    /// <summary>Leases a deletion that no other silo holds; null when there is none.</summary>
    /// <param name="but">Not these projects.</param>
    /// <exception cref="SessionsUnavailableException">Postgres is away.</exception>
    public Task<LeasedDeletion?> Take(IReadOnlyCollection<string> but) => Try(async () =>
    {
        await using NpgsqlCommand command = database.CreateCommand(TakeText);
        command.Parameters.Add(Of(options.Value.Lease));
        command.Parameters.Add(Of(options.Value.Least));
        command.Parameters.Add(Columns.Text([.. but], project => project));
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync();
        return await reader.ReadAsync() ? new LeasedDeletion(reader.GetString(0), reader.GetBoolean(1)) : null;
    });

    /// <summary>Renews the lease of a deletion.</summary>
    /// <exception cref="SessionsUnavailableException">Postgres is away.</exception>
    public Task Hold(string project) => Run(HoldText, project, Of(options.Value.Lease));

    /// <summary>Gives a deletion back, so that the next round of any silo goes on with it.</summary>
    /// <exception cref="SessionsUnavailableException">Postgres is away.</exception>
    public Task Release(string project) => Run(HoldText, project, Of(TimeSpan.Zero));

    /// <summary>Removes some rows of the project in one transaction. Returns how many; 0 when none are left.</summary>
    /// <exception cref="SessionsUnavailableException">Postgres is away.</exception>
    public async Task<int> Remove(string project) => (int)(await Run(RemoveText, project, Of(options.Value.BatchRows)))!;

    /// <summary>
    /// Removes the project's login roles. Returns a role that stays because it has rights in another database, or because the
    /// program may not remove it; it has no rights in this one any more. Null when none stays.
    /// </summary>
    /// <exception cref="SessionsUnavailableException">Postgres is away.</exception>
    public async Task<string?> RemoveReaders(string project) => (string?)await Run(ReadersText, project);

    /// <summary>Removes the project's row, which frees its id. False when something of the project is left.</summary>
    /// <exception cref="SessionsUnavailableException">Postgres is away.</exception>
    public async Task<bool> TryFinish(string project) => (bool)(await Run(FinishText, project, Of(options.Value.BatchRows)))!;

    private Task<object?> Run(string statement, string project, params NpgsqlParameter[] parameters) => Try(async () =>
    {
        await using NpgsqlCommand command = database.CreateCommand(statement);
        command.CommandTimeout = TimeoutSeconds;
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = project });
        command.Parameters.AddRange(parameters);
        return await command.ExecuteScalarAsync();
    });

    private static async Task<T> Try<T>(Func<Task<T>> ask)
    {
        try
        {
            return await ask();
        }
        catch (Exception failure) when (PostgresAway.Is(failure))
        {
            throw new SessionsUnavailableException("Projects can't be deleted now.", failure);
        }
    }

    private static NpgsqlParameter<TimeSpan> Of(TimeSpan time) => new() { TypedValue = time };

    private static NpgsqlParameter<int> Of(int number) => new() { TypedValue = number };
}
