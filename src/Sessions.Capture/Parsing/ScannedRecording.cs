using Sessions.Domain.Replay;

namespace Sessions.Capture.Parsing;

/// <summary>The fields that only a <c>$snapshot</c> has.</summary>
internal sealed class ScannedRecording
{
    public string? Source { get; set; }

    public string? Library { get; set; }

    /// <summary>
    /// The rrweb events that have a time, in the order sent; null when <c>$snapshot_data</c> is neither an object nor
    /// an array.
    /// </summary>
    public List<ScannedReplayEvent>? Events { get; set; }
}

/// <summary>An rrweb event: its facts, and its position in the body.</summary>
internal readonly record struct ScannedReplayEvent(ReplayFacts Facts, Slice Json);
