using System.Collections.Immutable;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text.Json.Serialization;
using Sessions.Domain.Replay;
using Sessions.Domain.Replay.Clicks;

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

    /// <summary>The number of the first entry of a block.</summary>
    public int First { get; init; }

    /// <summary>The number of the last entry of a block in which clicks have targets; 0 when there is none.</summary>
    public int LastWithTargets { get; init; }

    /// <summary>What was found of rage and dead clicks; null before the first search.</summary>
    public FoundClicks? Found { get; init; }

    /// <summary>What each window has of full snapshots, in the order of the hashes of their ids, up to <see cref="MaxWindows"/>.</summary>
    public ImmutableArray<RecordedWindow> Windows { get; init; } = [];

    /// <summary>Whether there are more windows.</summary>
    public bool HasMoreWindows { get; init; }

    /// <summary>Whether it has clicks with targets that no search has looked at.</summary>
    [JsonIgnore]
    public bool IsUnsearched => Clicks > 0 && LastWithTargets > (Found?.UpTo ?? 0);

    /// <summary>Whether a fold can have written it.</summary>
    [JsonIgnore]
    public bool IsSound => !Windows.IsDefault && First >= 0 && Found is not ({ Rage: < 0 } or { Dead: < 0 });

    /// <summary>The most windows that a state keeps.</summary>
    public const int MaxWindows = 100;

    /// <summary>Returns the replay with one more block.</summary>
    /// <param name="replay">The replay so far; null before its first block.</param>
    /// <param name="block">The block's summary.</param>
    /// <param name="entry">The block's entry, which orders blocks with the same start.</param>
    public static ReplayState With(ReplayState? replay, ReplaySummary block, JournalEntry entry)
    {
        DateTimeOffset start = DateTimeOffset.FromUnixTimeMilliseconds(block.StartMs);
        DateTimeOffset end = DateTimeOffset.FromUnixTimeMilliseconds(block.EndMs);
        EventOrder at = entry.At with { Time = start };
        int number = entry.Number;
        ReplayState before = replay ?? new ReplayState { Start = start, End = end };
        ImmutableArray<RecordedWindow>? windows = WithWindow(before.Windows, entry.WindowId, block);
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
            First = replay is null ? number : before.First,
            LastWithTargets = block.HasTargets ? number : before.LastWithTargets,
            HasMoreWindows = before.HasMoreWindows || windows is null,
            Windows = windows ?? before.Windows,
        };
    }

    /// <summary>Whether a search looked at more blocks than the last one. One that began before the replay was removed does not count.</summary>
    public bool Lacks(ReplayClicks found) => found.UpTo >= First && found.UpTo > (Found?.UpTo ?? 0);

    /// <summary>Returns the replay with what a search found.</summary>
    public ReplayState WithClicks(JournalEntry entry) =>
        ReplayClicks.TryRead(entry.Properties.Span, out ReplayClicks? found) && Lacks(found)
            ? this with { Found = new FoundClicks(found.UpTo, found.Rage, found.Dead) }
            : this;

    /// <summary>Returns the replay as if it had not been searched, because some of its blocks were erased.</summary>
    public ReplayState WithoutClicks() => this with { Found = null };

    /// <summary>What the windows have, as sessions show it; null when the state does not know it of all of them.</summary>
    public ReplayWindows? ToWindows() => HasMoreWindows || Windows.IsEmpty || Windows.Any(window => window is { IsSilent: true, IsShown: false })
        ? null
        : new ReplayWindows(Windows.Length, Windows.Count(window => window.IsShown), Windows.Any(window => window.IsUnknown));

    /// <summary>The windows with one more block; null when it is of one window too many.</summary>
    private static ImmutableArray<RecordedWindow>? WithWindow(ImmutableArray<RecordedWindow> windows, string? windowId, ReplaySummary block)
    {
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        TextHash.Of(windowId ?? "", digest);
        var made = new RecordedWindow(
            MemoryMarshal.Read<ulong>(digest), block.FullSnapshots > 0, block.UnknownFormat, block.FullSnapshots is null);
        int place = 0;
        while (place < windows.Length && windows[place].Id < made.Id)
        {
            place++;
        }

        return place < windows.Length && windows[place].Id == made.Id
            ? windows[place] + made is var both && both == windows[place] ? windows : windows.SetItem(place, both)
            : windows.Length < MaxWindows ? windows.Insert(place, made) : null;
    }
}

/// <summary>What was found of rage and dead clicks up to a block: see <see cref="ReplayClicks"/>.</summary>
/// <param name="UpTo">The number of the last entry of a block that was looked at.</param>
/// <param name="Rage">The number of rage clicks.</param>
/// <param name="Dead">The number of dead clicks.</param>
public sealed record FoundClicks(int UpTo, int Rage, int Dead);

/// <summary>What a recorded window has of full snapshots, without which players show nothing.</summary>
/// <param name="Id">A hash of the window's id.</param>
/// <param name="IsShown">Whether it has one that can be shown.</param>
/// <param name="IsUnknown">Whether it has one in an unknown form, or no event of a kind that rrweb has.</param>
/// <param name="IsSilent">Whether a block is from before blocks said so.</param>
public readonly record struct RecordedWindow(ulong Id, bool IsShown, bool IsUnknown, bool IsSilent)
{
    /// <summary>What two parts of a window have together.</summary>
    public static RecordedWindow operator +(RecordedWindow one, RecordedWindow other) =>
        new(one.Id, one.IsShown || other.IsShown, one.IsUnknown || other.IsUnknown, one.IsSilent || other.IsSilent);
}
