using Npgsql;
using Sessions.Database;

namespace Sessions.Capture.Cookieless;

/// <summary>Reads and writes the salts of cookieless visitors: one a day, the same for all gateways.</summary>
public class CookielessSaltQueries(NpgsqlDataSource database)
{
    private static readonly string AddText = SqlFile.Read("cookieless_salt_add.sql");
    private static readonly string GetText = SqlFile.Read("cookieless_salt.sql");
    private static readonly string DeleteText = SqlFile.Read("cookieless_salts_delete.sql");

    /// <summary>Returns the day's salt. The candidate becomes the salt if the day has none yet.</summary>
    /// <exception cref="NpgsqlException">Postgres can't answer now.</exception>
    public virtual async Task<byte[]> GetOrAdd(DateOnly day, byte[] candidate, CancellationToken cancellation)
    {
        await using (NpgsqlCommand add = database.CreateCommand(AddText))
        {
            add.Parameters.AddWithValue("@day", day);
            add.Parameters.AddWithValue("@salt", candidate);
            await add.ExecuteNonQueryAsync(cancellation);
        }

        // A separate statement, so that the salt is durable before it is used, and another gateway's salt is visible.
        await using NpgsqlCommand get = database.CreateCommand(GetText);
        get.Parameters.AddWithValue("@day", day);
        return (byte[]?)await get.ExecuteScalarAsync(cancellation)
            ?? throw new SessionsUnavailableException($"The salt of {day:O} was deleted while it was created.");
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
