using System.Runtime.Versioning;

// Signals, /proc and ./run are Linux'.
[assembly: SupportedOSPlatform("linux")]

namespace Sessions.SystemTests.Harness;

/// <summary>
/// What may run beside what. Tests of one lane run one after another; lanes run at the same time, and so does each class
/// that has none: those wait a minute for a session to end, which then is not a minute that the suite waits.
/// </summary>
public static class Lane
{
    /// <summary>Uses the cluster that the whole suite shares.</summary>
    public const string Shared = "uses the shared cluster";

    /// <summary>Uses the one cluster in which everything is broken in turn. <c>./test</c> runs these last and alone.</summary>
    public const string Broken = "breaks the cluster of the fault tests";

    /// <summary>Starts a cluster of its own, to kill something in it.</summary>
    public const string Killed = "kills what it started";

    /// <summary>Starts a cluster, or single roles, that are set up in a way of their own.</summary>
    public const string Started = "starts what it needs";

    /// <summary>Runs when no other test runs, because it counts what a busy machine makes more of.</summary>
    public const string Alone = "runs when no other test runs";
}
