using System.Runtime.Versioning;

// Signals, /proc and ./run are Linux'.
[assembly: SupportedOSPlatform("linux")]

namespace Sessions.SystemTests.Harness;

/// <summary>
/// What may run beside what. Tests of one lane run one after another; the lanes run at the same time, so that the
/// minute an idle test waits is not a minute the suite waits.
/// </summary>
public static class Lane
{
    /// <summary>Uses the cluster that the whole suite shares.</summary>
    public const string Shared = "uses the shared cluster";

    /// <summary>Starts clusters of its own, and kills them.</summary>
    public const string Own = "has a cluster of its own";

    /// <summary>Waits for sessions to end by themselves.</summary>
    public const string Waiting = "waits for sessions to end";
}
