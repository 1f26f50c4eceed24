namespace Sessions.Domain.Replay;

/// <summary>Whether a session's recording can be played, and if not, why.</summary>
/// <param name="Playable">Whether at least one window can be played; null without a recording.</param>
/// <param name="Problem">A code that stays the same; null without a problem.</param>
/// <param name="Detail">A sentence for people; null without a problem.</param>
public sealed record ReplayPlayability(bool? Playable, string? Problem, string? Detail)
{
    /// <summary>No window has a full snapshot.</summary>
    public const string NoFullSnapshot = "no_full_snapshot";

    /// <summary>No window has a full snapshot in a known form, and one has something unknown.</summary>
    public const string UnknownFormat = "unknown_format";

    /// <summary>Some windows can be played, and others can't.</summary>
    public const string SomeWindows = "some_windows_unplayable";

    /// <summary>There is no recording, and the project does not record.</summary>
    public const string RecordingOff = "recording_off";

    private static readonly ReplayPlayability WithoutProblem = new(true, null, null);
    private static readonly ReplayPlayability WithoutRecording = new(null, null, null);

    /// <summary>Of a session without a recording.</summary>
    /// <param name="isRecordingOn">Whether the project records now.</param>
    public static ReplayPlayability OfNothing(bool isRecordingOn) => isRecordingOn
        ? WithoutRecording
        : new(null, RecordingOff, "Nothing was recorded. Recording is off in the project's settings.");

    /// <summary>Of a recording.</summary>
    /// <param name="windows">What each of its windows has; at least one.</param>
    public static ReplayPlayability Of(IReadOnlyCollection<ReplayPictures> windows) =>
        Of(new ReplayWindows(windows.Count, windows.Count(window => window.Full > 0), windows.Any(window => window.IsUnknown)));

    /// <summary>Of a recording.</summary>
    /// <param name="windows">What its windows have, at least one, as its session says it.</param>
    public static ReplayPlayability Of(ReplayWindows windows)
    {
        int shown = windows.Playable;
        if (shown == windows.Count)
        {
            return WithoutProblem;
        }

        return shown > 0 ? new(
                true,
                SomeWindows,
                $"Only {shown} of {windows.Count} recorded windows can be played. The others have no full snapshot in a format that the player knows.")
            : windows.HasUnknownFormat ? new(
                false, UnknownFormat, "The recording can't be played: its snapshots are in a format that the player does not know.")
            : new(
                false,
                NoFullSnapshot,
                "The recording can't be played: it has no full snapshot yet, only changes. SDKs send one when they start to record.");
    }
}
