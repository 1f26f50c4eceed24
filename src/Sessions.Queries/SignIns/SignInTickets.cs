using System.Security.Cryptography;
using System.Text;
using Npgsql;
using NpgsqlTypes;
using Sessions.Database;

namespace Sessions.Queries.SignIns;

/// <summary>
/// Tickets for links that sign in once. Unlike a key, a ticket in a browser's history or a proxy's log is worth nothing.
/// </summary>
public sealed class SignInTickets(NpgsqlDataSource database)
{
    private const string Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    private const int Length = 43; // of 62 letters: 256 bits

    private static readonly string AddText = SqlFile.Read("ticket_add.sql");
    private static readonly string TakeText = SqlFile.Read("ticket_take.sql");

    /// <summary>Creates a ticket for a project's configured key, or for the operator's key.</summary>
    /// <param name="project">The project; null for the operator.</param>
    /// <param name="lifetime">How long the ticket is valid.</param>
    /// <param name="cancellation">Ends the writing.</param>
    /// <exception cref="NpgsqlException">Postgres can't answer now.</exception>
    public async Task<string> Make(string? project, TimeSpan lifetime, CancellationToken cancellation)
    {
        string ticket = RandomNumberGenerator.GetString(Alphabet, Length);
        await using NpgsqlCommand command = database.CreateCommand(AddText);
        command.Parameters.Add(new NpgsqlParameter<byte[]> { TypedValue = HashOf(ticket) });
        command.Parameters.Add(new() { NpgsqlDbType = NpgsqlDbType.Text, Value = (object?)project ?? DBNull.Value });
        command.Parameters.Add(new NpgsqlParameter<TimeSpan> { TypedValue = lifetime });
        await command.ExecuteNonQueryAsync(cancellation);
        return ticket;
    }

    /// <summary>Uses a ticket up. Returns the hash of the key that it stands for; null when it is not valid (any more).</summary>
    /// <exception cref="NpgsqlException">Postgres can't answer now.</exception>
    public async Task<byte[]?> Take(string ticket, CancellationToken cancellation)
    {
        await using NpgsqlCommand command = database.CreateCommand(TakeText);
        command.Parameters.Add(new NpgsqlParameter<byte[]> { TypedValue = HashOf(ticket) });
        return await command.ExecuteScalarAsync(cancellation) as byte[];
    }

    private static byte[] HashOf(string ticket) => SHA256.HashData(Encoding.UTF8.GetBytes(ticket));
}
