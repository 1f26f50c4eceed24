namespace Sessions.Domain.Replay;

/// <summary>What a part of a recording has of full snapshots, without which players show nothing.</summary>
/// <param name="Full">The number of full snapshots that can be shown.</param>
/// <param name="Mobile">How many of them are of a phone's screen.</param>
/// <param name="IsUnknown">Whether it has a full snapshot in an unknown form, or no event of a kind that rrweb has.</param>
public readonly record struct ReplayPictures(long Full, long Mobile, bool IsUnknown)
{
    /// <summary>What two parts have together.</summary>
    public static ReplayPictures operator +(ReplayPictures one, ReplayPictures other) =>
        new(one.Full + other.Full, one.Mobile + other.Mobile, one.IsUnknown || other.IsUnknown);
}
