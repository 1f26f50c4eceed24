using Sessions.Domain.Replay;
using Sessions.Gateway.Capture.Parsing;

namespace Sessions.Gateway.Capture.Replay;

/// <summary>What a <c>$snapshot</c> has beside what every event has.</summary>
internal sealed class ScannedRecording
{
    public string? Source { get; set; }

    public string? Library { get; set; }

    /// <summary>The rrweb events that have a time, in the order sent; null without <c>$snapshot_data</c> that is an object or array.</summary>
    public List<ScannedReplayEvent>? Events { get; set; }
}

/// <summary>An rrweb event: what it says, and where it is in the body.</summary>
internal readonly record struct ScannedReplayEvent(ReplayFacts Facts, Slice Json);
