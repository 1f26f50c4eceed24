using Sessions.Domain.Replay;

namespace Sessions.Domain.Folding;

/// <summary>A session's replay: the sum of its blocks' summaries. The order of the blocks does not matter.</summary>
public sealed record ReplayState
{
    public required DateTimeOffset Start { get; init; }
    public required DateTimeOffset End { get; init; }
    public long Clicks { get; init; }
    public long Keypresses { get; init; }
    public long MouseActivity { get; init; }
    public long ActiveMs { get; init; }
    public long ConsoleLogs { get; init; }
    public long ConsoleWarns { get; init; }
    public long ConsoleErrors { get; init; }
    public long Blocks { get; init; }
    public long Events { get; init; }
    public long Bytes { get; init; }

    /// <summary>The first URL of the earliest block that has one.</summary>
    public Dated<string>? FirstUrl { get; init; }

    /// <summary>The kind of recording (<c>web</c> or <c>mobile</c>) of the earliest block that names it.</summary>
    public Dated<string>? Source { get; init; }

    /// <summary>The SDK of the earliest block that names it.</summary>
    public Dated<string>? Library { get; init; }

    /// <summary>Returns the replay with one more block.</summary>
    /// <param name="replay">The replay so far; null before its first block.</param>
    /// <param name="block">The block's summary.</param>
    /// <param name="entry">The place of the block's entry, which orders blocks with the same start.</param>
    public static ReplayState With(ReplayState? replay, ReplaySummary block, EventOrder entry)
    {
        DateTimeOffset start = DateTimeOffset.FromUnixTimeMilliseconds(block.StartMs);
        DateTimeOffset end = DateTimeOffset.FromUnixTimeMilliseconds(block.EndMs);
        EventOrder at = entry with { Time = start };
        ReplayState before = replay ?? new ReplayState { Start = start, End = end };
        return before with
        {
            Start = start < before.Start ? start : before.Start,
            End = end > before.End ? end : before.End,
            Clicks = before.Clicks + block.Clicks,
            Keypresses = before.Keypresses + block.Keypresses,
            MouseActivity = before.MouseActivity + block.MouseActivity,
            ActiveMs = before.ActiveMs + block.ActiveMs,
            ConsoleLogs = before.ConsoleLogs + block.ConsoleLogs,
            ConsoleWarns = before.ConsoleWarns + block.ConsoleWarns,
            ConsoleErrors = before.ConsoleErrors + block.ConsoleErrors,
            Blocks = before.Blocks + 1,
            Events = before.Events + block.Events,
            Bytes = before.Bytes + block.Bytes,
            FirstUrl = SessionFold.Earliest(before.FirstUrl, block.FirstUrl, at),
            Source = SessionFold.Earliest(before.Source, block.Source, at),
            Library = SessionFold.Earliest(before.Library, block.Library, at),
        };
    }
}
