using Npgsql;
using NpgsqlTypes;
using Sessions.Database;

namespace Sessions.Queries.SignIns;

/// <summary>Records who signed in to the pages, so that signing out ends the access at every gateway.</summary>
public sealed class SignInQueries(NpgsqlDataSource database)
{
    private static readonly string BeginText = SqlFile.Read("sign_in_begin.sql");
    private static readonly string IsOpenText = SqlFile.Read("sign_in_is_open.sql");
    private static readonly string EndText = SqlFile.Read("sign_in_end.sql");

    /// <summary>Records that somebody signed in.</summary>
    /// <param name="id">The new sign-in's id.</param>
    /// <param name="project">The key's project; null for the operator's key.</param>
    /// <param name="keyMark">The mark of the key that was used.</param>
    /// <param name="longest">The time after which it expires, however often the browser visits.</param>
    /// <param name="cancellation">Ends the writing.</param>
    /// <exception cref="NpgsqlException">Postgres can't answer now.</exception>
    public async Task Begin(Guid id, string? project, string keyMark, TimeSpan longest, CancellationToken cancellation)
    {
        await using NpgsqlCommand command = database.CreateCommand(BeginText);
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = id });
        command.Parameters.Add(new() { NpgsqlDbType = NpgsqlDbType.Text, Value = (object?)project ?? DBNull.Value });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = keyMark });
        command.Parameters.Add(new NpgsqlParameter<TimeSpan> { TypedValue = longest });
        await command.ExecuteNonQueryAsync(cancellation);
    }

    /// <summary>Whether a sign-in has neither ended nor expired.</summary>
    /// <exception cref="NpgsqlException">Postgres can't answer now.</exception>
    public Task<bool> IsOpen(Guid id, CancellationToken cancellation) =>
        // The caller stops waiting at once. Npgsql would ask Postgres to cancel the statement, which takes ten seconds when Postgres is frozen.
        IsOpen(id).WaitAsync(cancellation);

    private async Task<bool> IsOpen(Guid id)
    {
        await using NpgsqlCommand command = database.CreateCommand(IsOpenText);
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = id });
        return (bool)(await command.ExecuteScalarAsync())!;
    }

    /// <summary>Ends a sign-in.</summary>
    /// <param name="project">The key's project; null for the operator's key.</param>
    /// <param name="keyMark">The mark of the key that was used.</param>
    /// <param name="id">The sign-in; null ends all that used the same key.</param>
    /// <param name="cancellation">Ends the writing.</param>
    /// <returns>How many ended.</returns>
    /// <exception cref="NpgsqlException">Postgres can't answer now.</exception>
    public async Task<int> End(string? project, string keyMark, Guid? id, CancellationToken cancellation)
    {
        await using NpgsqlCommand command = database.CreateCommand(EndText);
        command.Parameters.Add(new() { NpgsqlDbType = NpgsqlDbType.Text, Value = (object?)project ?? DBNull.Value });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = keyMark });
        command.Parameters.Add(new() { NpgsqlDbType = NpgsqlDbType.Uuid, Value = (object?)id ?? DBNull.Value });
        return await command.ExecuteNonQueryAsync(cancellation);
    }
}
