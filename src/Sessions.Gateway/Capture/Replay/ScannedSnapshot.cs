using Sessions.Domain.Replay;
using Sessions.Domain.Time;
using Sessions.Gateway.Capture.Parsing;

namespace Sessions.Gateway.Capture.Replay;

/// <summary>What one pass over a <c>$snapshot</c>'s JSON found, before anything is judged.</summary>
internal sealed class ScannedSnapshot(int index)
{
    /// <summary>Its place in the body, as answers name it.</summary>
    public int Index { get; } = index;

    public bool IsObject { get; init; } = true;

    public string? Name { get; set; }

    public string? Token { get; set; }

    public string? DistinctId { get; set; }

    /// <summary>Null when the client sent none: it is made of the content.</summary>
    public Guid? Id { get; set; }

    public bool HasInvalidId { get; set; }

    public Moment? SentAt { get; set; }

    public string? PropertyToken { get; set; }

    public string? PropertyDistinctId { get; set; }

    public string? DeviceId { get; set; }

    public Guid? SessionId { get; set; }

    /// <summary>Whether it names something as its session that is none.</summary>
    public bool HasInvalidSessionId { get; set; }

    public string? WindowId { get; set; }

    public string? Source { get; set; }

    public string? Library { get; set; }

    public string? Host { get; set; }

    public string? UserAgent { get; set; }

    public bool IsCookieless { get; set; }

    public bool IgnoreSentAt { get; set; }

    /// <summary>Whether there is <c>$snapshot_data</c>, an object or an array.</summary>
    public bool HasData { get; set; }

    /// <summary>The rrweb events that have a time, in the order sent.</summary>
    public List<ScannedReplayEvent> Events { get; } = [];
}

/// <summary>An rrweb event: what it says, and where it is in the body.</summary>
internal readonly record struct ScannedReplayEvent(ReplayFacts Facts, Slice Json);

/// <summary>A body of snapshots, and what it says about all of them.</summary>
internal sealed record ScannedSnapshots(IReadOnlyList<ScannedSnapshot> Snapshots, string? Token, Moment? SentAt);
