using Npgsql;

namespace Sessions.Postgres.Queries;

/// <summary>A key that is let in.</summary>
/// <param name="Project">Whose it is.</param>
/// <param name="Role">What it may do: <c>read</c> or <c>admin</c>.</param>
/// <param name="Sha256">Its hash; the key itself is kept nowhere.</param>
/// <param name="Id">Its id; null for the configured one.</param>
/// <param name="Name">What people call it; null for the configured one.</param>
/// <param name="Ending">Its last characters; null when they are not known.</param>
public sealed record KnownKey(string Project, string Role, byte[] Sha256, Guid? Id, string? Name, string? Ending);

/// <summary>A key as its project's people see it.</summary>
/// <param name="Id">Its id; null for the configured one, which can't be revoked.</param>
/// <param name="Name">What people call it.</param>
/// <param name="Role">What it may do: <c>read</c> or <c>admin</c>.</param>
/// <param name="Ending">Its last characters; null when they are not known.</param>
/// <param name="CreatedAt">When it was made.</param>
public sealed record ListedKey(Guid? Id, string Name, string Role, string? Ending, DateTimeOffset CreatedAt);

/// <summary>The projects' API keys.</summary>
public sealed class ApiKeyQueries(NpgsqlDataSource database)
{
    private static readonly string KnownText = QueryText.Read("known_keys.sql");
    private static readonly string ListText = QueryText.Read("api_keys.sql");
    private static readonly string AddText = QueryText.Read("api_key_add.sql");
    private static readonly string DeleteText = QueryText.Read("api_key_delete.sql");

    /// <summary>Every project's keys.</summary>
    /// <exception cref="NpgsqlException">Postgres can't answer now.</exception>
    public async Task<IReadOnlyList<KnownKey>> GetKnown(CancellationToken cancellation)
    {
        await using NpgsqlCommand command = database.CreateCommand(KnownText);
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancellation);
        List<KnownKey> keys = [];
        while (await reader.ReadAsync(cancellation))
        {
            keys.Add(new KnownKey(
                reader.GetString(0),
                reader.GetString(1),
                reader.GetFieldValue<byte[]>(2),
                reader.IsDBNull(3) ? null : reader.GetGuid(3),
                reader.IsDBNull(4) ? null : reader.GetString(4),
                reader.IsDBNull(5) ? null : reader.GetString(5)));
        }

        return keys;
    }

    /// <summary>A project's keys, the configured one first.</summary>
    /// <exception cref="NpgsqlException">Postgres can't answer now.</exception>
    public async Task<IReadOnlyList<ListedKey>> GetAll(string project, CancellationToken cancellation)
    {
        await using NpgsqlCommand command = database.CreateCommand(ListText);
        command.Parameters.Add(new() { Value = project });
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancellation);
        List<ListedKey> keys = [];
        while (await reader.ReadAsync(cancellation))
        {
            keys.Add(new ListedKey(
                reader.IsDBNull(0) ? null : reader.GetGuid(0),
                reader.GetString(1),
                reader.GetString(2),
                reader.IsDBNull(3) ? null : reader.GetString(3),
                reader.GetFieldValue<DateTimeOffset>(4)));
        }

        return keys;
    }

    /// <summary>Adds a key; null when the project has as many as it may have.</summary>
    /// <param name="project">Whose it is.</param>
    /// <param name="key">The key; its id is not null.</param>
    /// <param name="sha256">Its hash.</param>
    /// <param name="most">The most keys a project may have beside the configured one.</param>
    /// <param name="cancellation">Ends the writing.</param>
    /// <returns>The key with the time at which it was made.</returns>
    /// <exception cref="NpgsqlException">Postgres can't answer now.</exception>
    public async Task<ListedKey?> Add(string project, ListedKey key, byte[] sha256, int most, CancellationToken cancellation)
    {
        await using NpgsqlCommand command = database.CreateCommand(AddText);
        command.Parameters.Add(new() { Value = key.Id!.Value });
        command.Parameters.Add(new() { Value = project });
        command.Parameters.Add(new() { Value = key.Name });
        command.Parameters.Add(new() { Value = key.Role });
        command.Parameters.Add(new() { Value = sha256 });
        command.Parameters.Add(new() { Value = key.Ending ?? "" });
        command.Parameters.Add(new() { Value = (long)most });
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancellation);
        return await reader.ReadAsync(cancellation)
            ? key with { CreatedAt = reader.GetFieldValue<DateTimeOffset>(0) }
            : null;
    }

    /// <summary>Removes a key; false when the project has no such key.</summary>
    /// <exception cref="NpgsqlException">Postgres can't answer now.</exception>
    public async Task<bool> Delete(string project, Guid id, CancellationToken cancellation)
    {
        await using NpgsqlCommand command = database.CreateCommand(DeleteText);
        command.Parameters.Add(new() { Value = project });
        command.Parameters.Add(new() { Value = id });
        return await command.ExecuteNonQueryAsync(cancellation) > 0;
    }
}
