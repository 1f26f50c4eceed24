using System.Security.Cryptography;
using System.Text;
using Npgsql;
using Sessions.Database;

namespace Sessions.Queries.ReplayShares;

/// <summary>A link that shows one recording without sign-in.</summary>
/// <param name="Id">Its id, which is no secret.</param>
/// <param name="Session">The session of the recording.</param>
/// <param name="CreatedBy">The name of the key that made it.</param>
/// <param name="CreatedAt">When it was made.</param>
/// <param name="ExpiresAt">When it stops working.</param>
public sealed record ReplayShare(Guid Id, SessionKey Session, string CreatedBy, DateTimeOffset CreatedAt, DateTimeOffset ExpiresAt);

/// <summary>
/// Makes, finds and revokes links to recordings. A link works until it expires, is revoked, or its recording is deleted,
/// by whatever: this is asked of Postgres each time. Only the hash of its secret is stored.
/// </summary>
public sealed class ReplayShareQueries(NpgsqlDataSource database)
{
    /// <summary>The most links of a session that work at one time.</summary>
    public const int Most = 100;

    private const string Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    private const int SecretLength = 43; // of 62 letters: 256 bits

    private static readonly string AddText = SqlFile.Read("replay_share_add.sql");
    private static readonly string ListText = SqlFile.Read("replay_share_list.sql");
    private static readonly string FindText = SqlFile.Read("replay_share_find.sql");
    private static readonly string RevokeText = SqlFile.Read("replay_share_revoke.sql");

    /// <summary>Makes a link; null when the session has the most links.</summary>
    /// <param name="session">The session.</param>
    /// <param name="upTo">The journal number of the last block that the recording has now.</param>
    /// <param name="createdBy">The name of the key.</param>
    /// <param name="lifetime">How long the link works.</param>
    /// <param name="cancellation">Ends the writing.</param>
    /// <returns>The link and its secret.</returns>
    /// <exception cref="NpgsqlException">Postgres can't answer now.</exception>
    public async Task<(ReplayShare Share, string Secret)?> Add(
        SessionKey session, int upTo, string createdBy, TimeSpan lifetime, CancellationToken cancellation)
    {
        string secret = RandomNumberGenerator.GetString(Alphabet, SecretLength);
        await using NpgsqlCommand command = database.CreateCommand(AddText);
        AddSession(command, session);
        command.Parameters.AddWithValue("@id", Guid.CreateVersion7());
        command.Parameters.AddWithValue("@sha256", HashOf(secret));
        command.Parameters.AddWithValue("@up_to", upTo);
        command.Parameters.AddWithValue("@created_by", createdBy);
        command.Parameters.AddWithValue("@lifetime", lifetime);
        command.Parameters.AddWithValue("@most", Most);
        return await Read(command, cancellation) is [var made] ? (made, secret) : null;
    }

    /// <summary>The links to a session's recording that work, the latest first.</summary>
    /// <exception cref="NpgsqlException">Postgres can't answer now.</exception>
    public async Task<IReadOnlyList<ReplayShare>> GetAll(SessionKey session, CancellationToken cancellation)
    {
        await using NpgsqlCommand command = database.CreateCommand(ListText);
        AddSession(command, session);
        return await Read(command, cancellation);
    }

    /// <summary>The link with this secret; null when it does not work (any more).</summary>
    /// <exception cref="NpgsqlException">Postgres can't answer now.</exception>
    public async Task<ReplayShare?> Find(string secret, CancellationToken cancellation)
    {
        // What is no secret by its form needs no question to Postgres.
        if (secret.Length != SecretLength || !secret.All(char.IsAsciiLetterOrDigit))
        {
            return null;
        }

        await using NpgsqlCommand command = database.CreateCommand(FindText);
        command.Parameters.AddWithValue("@sha256", HashOf(secret));
        return await Read(command, cancellation) is [var found] ? found : null;
    }

    /// <summary>Revokes a link; false when the session has no such link that works.</summary>
    /// <exception cref="NpgsqlException">Postgres can't answer now.</exception>
    public async Task<bool> Revoke(SessionKey session, Guid id, CancellationToken cancellation)
    {
        await using NpgsqlCommand command = database.CreateCommand(RevokeText);
        AddSession(command, session);
        command.Parameters.AddWithValue("@id", id);
        return await command.ExecuteScalarAsync(cancellation) is not null;
    }

    private static byte[] HashOf(string secret) => SHA256.HashData(Encoding.UTF8.GetBytes(secret));

    private static void AddSession(NpgsqlCommand command, SessionKey session)
    {
        command.Parameters.AddWithValue("@project", session.Project);
        command.Parameters.AddWithValue("@session_id", session.SessionId);
    }

    private static async Task<List<ReplayShare>> Read(NpgsqlCommand command, CancellationToken cancellation)
    {
        List<ReplayShare> shares = [];
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
        {
            shares.Add(new ReplayShare(
                reader.GetGuid(0),
                SessionKey.Create(reader.GetString(1), reader.GetGuid(2)),
                reader.GetString(3),
                reader.GetFieldValue<DateTimeOffset>(4),
                reader.GetFieldValue<DateTimeOffset>(5)));
        }

        return shares;
    }
}
