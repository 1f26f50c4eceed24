using System.Data;
using System.Globalization;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using Npgsql;
using NpgsqlTypes;
using Sessions.Database;
using Sessions.Domain.Events;
using Sessions.Domain.Replay;
using Sessions.Domain.Replay.Clicks;

namespace Sessions.Queries;

/// <summary>A replay block of a session, without its bytes.</summary>
/// <param name="Number">The journal number of its summary.</param>
/// <param name="BlockId">The block's id.</param>
/// <param name="Born">The day on which it was written.</param>
/// <param name="StartMs">The time of the block's first event, in milliseconds since 1970 by the server's clock.</param>
/// <param name="EndMs">The time of the block's last event, in the same unit.</param>
/// <param name="SkewMs">The milliseconds to add to the times of the block's events.</param>
/// <param name="Bytes">The approximate size of the block's events, in bytes.</param>
/// <param name="WindowId">The window in which the block was recorded.</param>
/// <param name="Pictures">
/// What the block says of the pictures in it; null when it was written before blocks said so.
/// </param>
/// <param name="IsOfPhone">Whether the SDK says that it records a phone's screen.</param>
public readonly record struct ReplayBlockRef(
    int Number, Guid BlockId, DateOnly Born, long StartMs, long EndMs, long SkewMs, long Bytes, string WindowId, ReplayPictures? Pictures, bool IsOfPhone);

/// <summary>A stored replay block with its bytes.</summary>
/// <param name="Ref">The block.</param>
/// <param name="WindowId">The window in which the block was recorded.</param>
/// <param name="Length">The number of stored bytes.</param>
/// <param name="Data">
/// The block's events: lines of JSON, compressed with Brotli. They are in memory, in pieces that return to the pool
/// when they are read.
/// </param>
public sealed record StoredReplayBlock(ReplayBlockRef Ref, string WindowId, long Length, PipeReader Data);

/// <summary>Reads and removes sessions' replays.</summary>
public sealed class ReplayQueries(NpgsqlDataSource database)
{
    // A block in a single array would be on the large object heap, which is collected so late that most of a long
    // replay would stay in memory. The pipe has no limit, because a block is written completely before it is read.
    private static readonly PipeOptions Pieces =
        new(minimumSegmentSize: 64 * 1024, pauseWriterThreshold: 0, useSynchronizationContext: false);

    private static readonly string ListText = SqlFile.Read("replay_list.sql");
    private static readonly string BlocksText = SqlFile.Read("replay_blocks.sql");
    private static readonly string ViewportText = SqlFile.Read("replay_viewport.sql");
    private static readonly string ClicksText = SqlFile.Read("replay_clicks.sql");
    private static readonly string DeleteText = SqlFile.Read("replay_delete.sql");

    /// <summary>Lists a session's blocks in the order of their first events.</summary>
    /// <param name="session">The session.</param>
    /// <param name="after">Lists only blocks after this journal number.</param>
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
                reader.GetInt64(6),
                reader.GetString(7),
                reader.IsDBNull(8) ? null : new ReplayPictures(reader.GetInt64(8), reader.GetInt64(9), reader.GetBoolean(10)),
                reader.GetBoolean(11)));
        }

        return blocks;
    }

    /// <summary>
    /// Reads blocks with their bytes, in the given order. Blocks that were deleted are left out. The caller must
    /// complete each block's reader.
    /// </summary>
    /// <param name="session">The blocks' session.</param>
    /// <param name="blocks">The blocks, in the order in which to return them.</param>
    /// <param name="maxBytes">The approximate number of bytes of events to read in one statement.</param>
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

    /// <summary>Reads a window's size from the session's events; null when no event has it.</summary>
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

    /// <summary>
    /// The rage and dead clicks that were found in the session's recording, without a kind of which its SDK has sent events.
    /// </summary>
    /// <exception cref="NpgsqlException">Postgres can't answer now.</exception>
    public async Task<IReadOnlyList<FoundClick>> FoundClicks(SessionKey session, CancellationToken cancellation)
    {
        await using NpgsqlCommand command = Command(ClicksText, session);
        command.Parameters.AddWithValue("@rage", EventNames.RageClick);
        command.Parameters.AddWithValue("@dead", EventNames.DeadClick);
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancellation);
        return await reader.ReadAsync(cancellation)
            && ReplayClicks.TryRead(reader.GetFieldValue<byte[]>(0), out ReplayClicks? clicks)
            && clicks.Places is { } places
                ? [.. places.Where(click => !reader.GetBoolean(click.Trouble == ClickTrouble.Rage ? 1 : 2))]
                : [];
    }

    /// <summary>Deletes the blocks of a replay that the session has removed.</summary>
    /// <exception cref="NpgsqlException">Postgres can't answer now. A later sweep deletes the blocks.</exception>
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
        // Sequential access, because otherwise Npgsql would read each row into a single array.
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
