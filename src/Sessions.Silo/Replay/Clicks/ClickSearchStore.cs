using System.Data;
using System.IO.Compression;
using Npgsql;
using Sessions.Database;
using Sessions.Domain.Replay.Clicks;

namespace Sessions.Silo.Replay.Clicks;

/// <summary>Finds recordings to search in Postgres, and reads them block by block.</summary>
internal sealed class ClickSearchStore(NpgsqlDataSource database)
{
    // A recording may be hundreds of megabytes.
    private const int TimeoutSeconds = 300;

    private static readonly string ClaimText = SqlFile.Read("clicks_claim.sql");
    private static readonly string BlocksText = SqlFile.Read("clicks_blocks.sql");
    private static readonly string DoneText = SqlFile.Read("clicks_done.sql");

    /// <summary>Takes a recording that no other silo searches; null when none is due.</summary>
    /// <exception cref="NpgsqlException">Postgres is away.</exception>
    public async Task<SessionKey?> Claim(TimeSpan lease, CancellationToken cancellation)
    {
        await using NpgsqlCommand command = database.CreateCommand(ClaimText);
        command.Parameters.Add(new NpgsqlParameter<TimeSpan> { TypedValue = lease });
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancellation);
        return await reader.ReadAsync(cancellation) ? SessionKey.Create(reader.GetString(0), reader.GetGuid(1)) : null;
    }

    /// <summary>Searches a recording. One block is read at a time, and of each block one event.</summary>
    /// <returns>What was found; null when the session has no such recording any more.</returns>
    /// <exception cref="NpgsqlException">Postgres is away.</exception>
    public async Task<ReplayClicks?> Search(SessionKey session, int maxPart, CancellationToken cancellation)
    {
        await using NpgsqlCommand command = database.CreateCommand(BlocksText);
        command.CommandTimeout = TimeoutSeconds;
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = session.Project });
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = session.SessionId });
        var search = new ClickSearch(maxPart);
        int upTo = 0;
        // Sequential access, because otherwise Npgsql would read each block into an array.
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(CommandBehavior.SequentialAccess, cancellation);
        while (await reader.ReadAsync(cancellation))
        {
            upTo = Math.Max(upTo, reader.GetInt32(0));
            string window = reader.GetString(1);
            long skewMs = reader.GetInt64(2);
            if (await reader.IsDBNullAsync(3, cancellation))
            {
                continue;
            }

            await using Stream stored = await reader.GetStreamAsync(3, cancellation);
            await using BrotliStream plain = new(stored, CompressionMode.Decompress);
            try
            {
                await BlockLines.Read(plain, line => search.Take(window, skewMs, line), cancellation);
            }
            catch (Exception damaged) when (damaged is InvalidDataException or InvalidOperationException)
            {
                // A block that can't be decompressed says nothing, and the others count.
            }
        }

        return upTo > 0 ? search.Found(upTo) : null;
    }

    /// <summary>Notes that a recording was searched.</summary>
    /// <param name="session">The session.</param>
    /// <param name="upTo">The journal number of the last block that was looked at.</param>
    /// <param name="pause">The least time until the next search.</param>
    /// <param name="cancellation">Ends the writing.</param>
    /// <exception cref="NpgsqlException">Postgres is away.</exception>
    public async Task Done(SessionKey session, int upTo, TimeSpan pause, CancellationToken cancellation)
    {
        await using NpgsqlCommand command = database.CreateCommand(DoneText);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = session.Project });
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = session.SessionId });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = upTo });
        command.Parameters.Add(new NpgsqlParameter<TimeSpan> { TypedValue = pause });
        await command.ExecuteNonQueryAsync(cancellation);
    }
}
