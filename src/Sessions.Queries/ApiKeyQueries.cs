using Npgsql;
using NpgsqlTypes;
using Sessions.Database;

namespace Sessions.Queries;

/// <summary>An API key that is valid.</summary>
/// <param name="Project">The key's project; null for the operator's key.</param>
/// <param name="Role">The key's role: <c>read</c>, <c>admin</c> or <c>operator</c>.</param>
/// <param name="Sha256">The key's SHA-256 hash. The key itself is not stored.</param>
/// <param name="Id">The key's id; null for the configured key.</param>
/// <param name="Name">The key's name; null for the configured key.</param>
/// <param name="Ending">The key's last characters; null when they are not known.</param>
public sealed record KnownKey(string? Project, string Role, byte[] Sha256, Guid? Id, string? Name, string? Ending);

/// <summary>An API key as the API and the pages show it.</summary>
/// <param name="Id">The key's id; null for the configured key, which can't be revoked.</param>
/// <param name="Name">The key's name.</param>
/// <param name="Role">The key's role: <c>read</c> or <c>admin</c>.</param>
/// <param name="Ending">The key's last characters; null when they are not known.</param>
/// <param name="CreatedAt">When it was created.</param>
/// <param name="ExpiresAt">When it stops being valid; null for never.</param>
/// <param name="LastUsedAt">When it was used last, to within a minute or so; null when it was not used yet.</param>
public sealed record ListedKey(
    Guid? Id, string Name, string Role, string? Ending, DateTimeOffset CreatedAt, DateTimeOffset? ExpiresAt, DateTimeOffset? LastUsedAt);

/// <summary>The use of a key.</summary>
/// <param name="Project">The key's project.</param>
/// <param name="Id">The key's id; null for the configured key.</param>
/// <param name="At">When it was used.</param>
public sealed record KeyUse(string Project, Guid? Id, DateTimeOffset At);

/// <summary>Reads and changes projects' API keys.</summary>
public sealed class ApiKeyQueries(NpgsqlDataSource database)
{
    private static readonly string KnownText = SqlFile.Read("known_keys.sql");
    private static readonly string ListText = SqlFile.Read("api_keys.sql");
    private static readonly string AddText = SqlFile.Read("api_key_add.sql");
    private static readonly string DeleteText = SqlFile.Read("api_key_delete.sql");
    private static readonly string UsedText = SqlFile.Read("api_keys_used.sql");

    /// <summary>Reads the keys of all projects.</summary>
    /// <exception cref="NpgsqlException">Postgres can't answer now.</exception>
    public async Task<IReadOnlyList<KnownKey>> GetKnown(CancellationToken cancellation)
    {
        await using NpgsqlCommand command = database.CreateCommand(KnownText);
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancellation);
        List<KnownKey> keys = [];
        while (await reader.ReadAsync(cancellation))
        {
            keys.Add(new KnownKey(
                reader.IsDBNull(0) ? null : reader.GetString(0),
                reader.GetString(1),
                reader.GetFieldValue<byte[]>(2),
                reader.IsDBNull(3) ? null : reader.GetGuid(3),
                reader.IsDBNull(4) ? null : reader.GetString(4),
                reader.IsDBNull(5) ? null : reader.GetString(5)));
        }

        return keys;
    }

    /// <summary>Reads a project's keys, the configured one first.</summary>
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
                reader.GetFieldValue<DateTimeOffset>(4),
                reader.IsDBNull(5) ? null : reader.GetFieldValue<DateTimeOffset>(5),
                reader.IsDBNull(6) ? null : reader.GetFieldValue<DateTimeOffset>(6)));
        }

        return keys;
    }

    /// <summary>Adds a key. Returns null when the project already has the most keys that are allowed.</summary>
    /// <param name="project">The project.</param>
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
        command.Parameters.Add(new() { NpgsqlDbType = NpgsqlDbType.TimestampTz, Value = (object?)key.ExpiresAt ?? DBNull.Value });
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancellation);
        return await reader.ReadAsync(cancellation)
            ? key with { CreatedAt = reader.GetFieldValue<DateTimeOffset>(0) }
            : null;
    }

    /// <summary>Removes a key. Returns false when the project has no such key.</summary>
    /// <exception cref="NpgsqlException">Postgres can't answer now.</exception>
    public async Task<bool> Delete(string project, Guid id, CancellationToken cancellation)
    {
        await using NpgsqlCommand command = database.CreateCommand(DeleteText);
        command.Parameters.Add(new() { Value = project });
        command.Parameters.Add(new() { Value = id });
        return await command.ExecuteNonQueryAsync(cancellation) > 0;
    }

    /// <summary>Records when keys were last used.</summary>
    /// <exception cref="NpgsqlException">Postgres can't answer now.</exception>
    public async Task SetUsed(IReadOnlyCollection<KeyUse> uses, CancellationToken cancellation)
    {
        await using NpgsqlCommand command = database.CreateCommand(UsedText);
        command.Parameters.Add(new() { NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text, Value = uses.Select(use => use.Project).ToArray() });
        command.Parameters.Add(new() { NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Uuid, Value = uses.Select(use => use.Id).ToArray() });
        command.Parameters.Add(new() { NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.TimestampTz, Value = uses.Select(use => use.At).ToArray() });
        await command.ExecuteNonQueryAsync(cancellation);
    }
}
