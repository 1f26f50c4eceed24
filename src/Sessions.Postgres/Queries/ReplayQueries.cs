using System.Data;
using System.Globalization;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using Npgsql;
using NpgsqlTypes;

namespace Sessions.Postgres.Queries;

/// <summary>A block that counts, without its bytes.</summary>
/// <param name="Number">The journal number of its summary.</param>
/// <param name="BlockId">The block.</param>
/// <param name="Born">The day on which it was written.</param>
/// <param name="StartMs">The time of its first event, in milliseconds since 1970 by the server's clock.</param>
/// <param name="EndMs">The time of its last event.</param>
/// <param name="SkewMs">What is to be added to the times in it.</param>
/// <param name="Bytes">About how many bytes its events have.</param>
public readonly record struct ReplayBlockRef(
    int Number, Guid BlockId, DateOnly Born, long StartMs, long EndMs, long SkewMs, long Bytes);

/// <summary>A block as it is stored.</summary>
/// <param name="Ref">Which.</param>
/// <param name="WindowId">The window it was recorded in.</param>
/// <param name="Length">How many bytes are stored.</param>
/// <param name="Data">Its events: lines, Brotli. They are in memory, in pieces that go back to the pool as they are read.</param>
public sealed record StoredReplayBlock(ReplayBlockRef Ref, string WindowId, long Length, PipeReader Data);

/// <summary>Reads and removes what was recorded of sessions.</summary>
public sealed class ReplayQueries(NpgsqlDataSource database)
{
    // A block in one array would be a large object, and those are freed so late that a long replay would be in memory
    // nearly as a whole. Nothing is played before it is read to its end: no writer waits.
    private static readonly PipeOptions Pieces =
        new(minimumSegmentSize: 64 * 1024, pauseWriterThreshold: 0, useSynchronizationContext: false);

    private static readonly string ListText = QueryText.Read("replay_list.sql");
    private static readonly string BlocksText = QueryText.Read("replay_blocks.sql");
    private static readonly string ViewportText = QueryText.Read("replay_viewport.sql");
    private static readonly string DeleteText = QueryText.Read("replay_delete.sql");

    /// <summary>The blocks of a session that count, in the order of their first events.</summary>
    /// <param name="session">The session.</param>
    /// <param name="after">Only those that were taken after this journal number.</param>
    /// <param name="cancellation">Ends the reading.</param>
    /// <exception cref="NpgsqlException">Postgres can't answer now.</exception>
    public async Task<IReadOnlyList<ReplayBlockRef>> List(SessionKey session, int after, CancellationToken cancellation)
    {
        await using NpgsqlCommand command = Command(ListText, session);
        command.Parameters.AddWithValue("@after", after);
        List<ReplayBlockRef> blocks = [];
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
        {
            blocks.Add(new ReplayBlockRef(
                reader.GetInt32(0),
                reader.GetGuid(1),
                reader.GetFieldValue<DateOnly>(2),
                reader.GetInt64(3),
                reader.GetInt64(4),
                reader.GetInt64(5),
                reader.GetInt64(6)));
        }

        return blocks;
    }

    /// <summary>
    /// Blocks with their bytes, in the order asked; those that are gone are left out. Who takes one completes its reader.
    /// </summary>
    /// <param name="session">Their session.</param>
    /// <param name="blocks">Which, in the order wanted.</param>
    /// <param name="maxBytes">About how many bytes of events are read at once.</param>
    /// <param name="cancellation">Ends the reading.</param>
    /// <exception cref="NpgsqlException">Postgres can't answer now.</exception>
    public async IAsyncEnumerable<StoredReplayBlock> Read(
        SessionKey session,
        IReadOnlyList<ReplayBlockRef> blocks,
        long maxBytes,
        [EnumeratorCancellation] CancellationToken cancellation)
    {
        for (int from = 0; from < blocks.Count;)
        {
            int to = from;
            long bytes = 0;
            while (to < blocks.Count && (to == from || bytes + blocks[to].Bytes <= maxBytes))
            {
                bytes += blocks[to].Bytes;
                to++;
            }

            ReplayBlockRef[] wanted = [.. blocks.Skip(from).Take(to - from)];
            Dictionary<Guid, StoredReplayBlock> found = [];
            try
            {
                await Read(session, wanted, found, cancellation);
                foreach (ReplayBlockRef block in wanted)
                {
                    if (found.Remove(block.BlockId, out StoredReplayBlock? stored))
                    {
                        yield return stored;
                    }
                }
            }
            finally
            {
                foreach (StoredReplayBlock left in found.Values)
                {
                    await left.Data.CompleteAsync();
                }
            }

            from = to;
        }
    }

    /// <summary>The size of a window as the session's events tell it; null when none does.</summary>
    /// <exception cref="NpgsqlException">Postgres can't answer now.</exception>
    public async Task<(double Width, double Height)?> Viewport(SessionKey session, string windowId, CancellationToken cancellation)
    {
        await using NpgsqlCommand command = Command(ViewportText, session);
        command.Parameters.AddWithValue("@window_id", windowId);
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancellation);
        return await reader.ReadAsync(cancellation)
            ? (Number(reader.GetString(0)), Number(reader.GetString(1)))
            : null;

        static double Number(string text) =>
            double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) && double.IsFinite(number)
                ? number
                : 0;
    }

    /// <summary>Removes the bytes of all blocks that the session has forgotten.</summary>
    /// <exception cref="NpgsqlException">Postgres can't do it now; a sweep will.</exception>
    public async Task DeleteForgotten(SessionKey session, CancellationToken cancellation)
    {
        await using NpgsqlCommand command = Command(DeleteText, session);
        await command.ExecuteNonQueryAsync(cancellation);
    }

    private async Task Read(
        SessionKey session, ReplayBlockRef[] wanted, Dictionary<Guid, StoredReplayBlock> found, CancellationToken cancellation)
    {
        await using NpgsqlCommand command = Command(BlocksText, session);
        command.Parameters.Add(new NpgsqlParameter<Guid[]>("@ids", [.. wanted.Select(block => block.BlockId)])
        {
            NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Uuid,
        });
        command.Parameters.Add(new NpgsqlParameter<DateOnly[]>("@borns", [.. wanted.Select(block => block.Born)])
        {
            NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Date,
        });
        Dictionary<Guid, ReplayBlockRef> refs = wanted.ToDictionary(block => block.BlockId);
        // Not row by row: a row would be read into one array as well.
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(CommandBehavior.SequentialAccess, cancellation);
        while (await reader.ReadAsync(cancellation))
        {
            Guid id = reader.GetGuid(0);
            string window = reader.GetString(1);
            await using Stream data = await reader.GetStreamAsync(2, cancellation);
            var pieces = new Pipe(Pieces);
            found.Add(id, new StoredReplayBlock(refs[id], window, data.Length, pieces.Reader));
            await data.CopyToAsync(pieces.Writer, cancellation);
            await pieces.Writer.CompleteAsync();
        }
    }

    private NpgsqlCommand Command(string text, SessionKey session)
    {
        NpgsqlCommand command = database.CreateCommand(text);
        command.Parameters.AddWithValue("@project", session.Project);
        command.Parameters.AddWithValue("@session_id", session.SessionId);
        return command;
    }
}
