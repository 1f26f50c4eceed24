using System.Buffers;
using System.IO.Pipelines;
using Microsoft.Extensions.Options;
using Sessions.Capture.Replay;
using Sessions.Domain.Replay;
using Sessions.Queries;
using Sessions.Web.Replay.Mobile;

namespace Sessions.Web.Replay;

/// <summary>The requested part of a replay, and its form.</summary>
/// <param name="FromMs">Events at this time or later, in milliseconds since 1970, in server time.</param>
/// <param name="ToMs">Events before this time.</param>
/// <param name="Raw">As received, with compressed parts.</param>
internal readonly record struct ReplayPart(long FromMs, long ToMs, bool Raw)
{
    /// <summary>The whole replay, with compressed parts decompressed.</summary>
    public static ReplayPart Whole { get; } = new(long.MinValue, long.MaxValue, Raw: false);

    /// <summary>
    /// Whether it is for a player: a window that begins without a size gets one, the wireframes of phones become documents, and
    /// what players break at is left out.
    /// </summary>
    public bool IsForPlayer { get; init; }

    /// <summary>
    /// The blocks before this part that say what was on the screen of a phone when it begins, in the order of their first
    /// events.
    /// </summary>
    public IReadOnlyList<ReplayBlockRef> Earlier { get; init; } = [];

    /// <summary>The bytes before <c>[window, event]</c> in each line.</summary>
    public byte[] Before { get; init; } = [];

    /// <summary>The bytes after it.</summary>
    public byte[] After { get; init; } = [];
}

/// <summary>
/// Writes a session's rrweb events in time order, one a line. It reads blocks one after the other and merges those
/// that overlap, so its memory depends on the overlap and not on the replay's length.
/// </summary>
internal sealed class ReplayPlayer(ReplayQueries queries, IOptions<ReplayOptions> options)
{
    private const int FlushBytes = 64 * 1024;

    public async Task Write(
        SessionKey session,
        IReadOnlyList<ReplayBlockRef> blocks,
        ReplayPart part,
        PipeWriter output,
        CancellationToken cancellation)
    {
        ReplayBlockRef[] wanted = [.. blocks.Where(block => block.EndMs >= part.FromMs && block.StartMs < part.ToMs)];
        ReplaySizes? sizes = part.IsForPlayer
            ? new ReplaySizes(queries, session, part, blocks, options.Value.MaxReadBytes, cancellation)
            : null;
        using MobileReplay? mobile = part.IsForPlayer ? new MobileReplay() : null;
        var playing = new Playing(
            part, output, new ReplayDecompression(options.Value.MaxInflatedPartBytes), sizes, mobile, cancellation);
        int place = 0;
        try
        {
            await CatchUp(session, part, sizes, mobile, cancellation);
            await foreach (StoredReplayBlock stored in queries.Read(session, wanted, options.Value.MaxReadBytes, cancellation))
            {
                // Later blocks begin no earlier, so the events before this block's start can be written.
                await playing.PlayUntil(stored.Ref.StartMs);
                playing.Open(new OpenReplayBlock(stored, place++));
                await playing.PlayBeyond(options.Value.MaxOverlapBytes);
            }

            await playing.PlayUntil(long.MaxValue);
            await output.FlushAsync(cancellation);
        }
        finally
        {
            playing.Close();
        }
    }

    /// <summary>Reads what was on the screens of phones before the part that is played.</summary>
    private async Task CatchUp(
        SessionKey session, ReplayPart part, ReplaySizes? sizes, MobileReplay? mobile, CancellationToken cancellation)
    {
        if (part.Earlier.Count == 0 || sizes is null || mobile is null)
        {
            return;
        }

        await foreach (StoredReplayBlock stored in queries.Read(session, part.Earlier, options.Value.MaxReadBytes, cancellation))
        {
            using var block = new OpenReplayBlock(stored, place: 0);
            while (block.Next())
            {
                mobile.Turn(block.WindowId, block.Line, size: null);
            }
        }

        foreach ((string windowId, ViewportSize size) in mobile.Sizes)
        {
            sizes.Keep(windowId, size);
        }
    }

    private sealed class Playing(
        ReplayPart part,
        PipeWriter output,
        ReplayDecompression compressed,
        ReplaySizes? sizes,
        MobileReplay? mobile,
        CancellationToken cancellation)
    {
        private readonly PriorityQueue<OpenReplayBlock, (long TimeMs, int Place)> _open = new();
        private long _held;

        public void Open(OpenReplayBlock block)
        {
            _held += block.HeldBytes;
            Advance(block);
        }

        /// <summary>Writes all events up to a time.</summary>
        public async Task PlayUntil(long timeMs)
        {
            while (_open.TryPeek(out OpenReplayBlock? block, out (long TimeMs, int Place) at) && at.TimeMs <= timeMs)
            {
                _open.Dequeue();
                if (_open.Count == 0 && block.Ref.EndMs <= timeMs && IsWhole(block))
                {
                    await PlayToEnd(block);
                    return;
                }

                await Write(block, at.TimeMs);
                Advance(block);
            }
        }

        /// <summary>Plays the earliest blocks to their ends until the held bytes are within the limit.</summary>
        public async Task PlayBeyond(int maxHeld)
        {
            while (_held > maxHeld && _open.Count > 1)
            {
                await PlayToEnd(_open.Dequeue());
            }
        }

        public void Close()
        {
            while (_open.TryDequeue(out OpenReplayBlock? block, out _))
            {
                block.Dispose();
            }
        }

        private bool IsWhole(OpenReplayBlock block) => block.Ref.StartMs >= part.FromMs && block.Ref.EndMs < part.ToMs;

        private async Task PlayToEnd(OpenReplayBlock block)
        {
            using (block)
            {
                bool isWhole = IsWhole(block);
                do
                {
                    await Write(block, isWhole ? block.Ref.StartMs : block.TimeMs);
                }
                while (block.Next());

                _held -= block.HeldBytes;
            }
        }

        private void Advance(OpenReplayBlock block)
        {
            if (block.Next())
            {
                _open.Enqueue(block, (block.TimeMs, block.Place));
            }
            else
            {
                _held -= block.HeldBytes;
                block.Dispose();
            }
        }

        private async ValueTask Write(OpenReplayBlock block, long timeMs)
        {
            if (timeMs >= part.ToMs)
            {
                return;
            }

            ReadOnlyMemory<byte> line = block.Line;
            if (timeMs < part.FromMs)
            {
                mobile?.Turn(block.WindowId, line, sizes?.SaidOf(block.WindowId));
                return;
            }

            ReadOnlyMemory<byte> rrweb = part.Raw ? line : compressed.Undo(line.Span) ?? line;
            if (mobile?.Turn(block.WindowId, rrweb, sizes?.SaidOf(block.WindowId)) is { } shown)
            {
                for (int i = 0; i < shown.Count; i++)
                {
                    await WriteSized(block, shown[i]);
                }
            }
            else
            {
                await WriteSized(block, rrweb);
            }
        }

        private async ValueTask WriteSized(OpenReplayBlock block, ReadOnlyMemory<byte> rrweb)
        {
            if (sizes is not null)
            {
                (byte[]? before, rrweb) = await sizes.Fit(block.WindowId, rrweb);
                if (before is not null)
                {
                    WriteLine(block, before);
                }
            }

            WriteLine(block, rrweb.Span);
            if (output.UnflushedBytes >= FlushBytes)
            {
                await output.FlushAsync(cancellation);
            }
        }

        private void WriteLine(OpenReplayBlock block, ReadOnlySpan<byte> rrweb)
        {
            output.Write(part.Before);
            output.Write("["u8);
            output.Write(block.Window);
            output.Write(","u8);
            output.Write(rrweb);
            output.Write("]"u8);
            output.Write(part.After);
            output.Write("\n"u8);
        }
    }
}
