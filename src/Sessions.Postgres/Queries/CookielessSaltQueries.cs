using Npgsql;

namespace Sessions.Postgres.Queries;

/// <summary>The salts of cookieless visitors: one a day, the same for all gateways.</summary>
public sealed class CookielessSaltQueries(NpgsqlDataSource database)
{
    private static readonly string AddText = QueryText.Read("cookieless_salt_add.sql");
    private static readonly string GetText = QueryText.Read("cookieless_salt.sql");
    private static readonly string DeleteText = QueryText.Read("cookieless_salts_delete.sql");

    /// <summary>The day's salt: the candidate, unless the day has one already.</summary>
    /// <exception cref="NpgsqlException">Postgres can't answer now.</exception>
    public async Task<byte[]> GetOrAdd(DateOnly day, byte[] candidate, CancellationToken cancellation)
    {
        await using (NpgsqlCommand add = database.CreateCommand(AddText))
        {
            add.Parameters.AddWithValue("@day", day);
            add.Parameters.AddWithValue("@salt", candidate);
            await add.ExecuteNonQueryAsync(cancellation);
        }

        // A statement of its own, so that a salt is never used before it is durable, and another gateway's is seen.
        await using NpgsqlCommand get = database.CreateCommand(GetText);
        get.Parameters.AddWithValue("@day", day);
        return (byte[]?)await get.ExecuteScalarAsync(cancellation)
            ?? throw new SessionsUnavailableException($"The salt of {day:O} was deleted while it was being made.");
    }

    /// <summary>Deletes the salts of the days before a day. Returns how many there were.</summary>
    /// <exception cref="NpgsqlException">Postgres can't answer now.</exception>
    public async Task<int> DeleteBefore(DateOnly oldest, CancellationToken cancellation)
    {
        await using NpgsqlCommand delete = database.CreateCommand(DeleteText);
        delete.Parameters.AddWithValue("@oldest", oldest);
        return await delete.ExecuteNonQueryAsync(cancellation);
    }
}
