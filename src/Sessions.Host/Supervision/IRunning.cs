namespace Sessions.Host.Supervision;

/// <summary>What a supervisor has started: one process with everything in it, or a cluster of them.</summary>
internal interface IRunning
{
    /// <summary>Where they show their metrics.</summary>
    IReadOnlyList<MetricsEntry> Metrics { get; }

    /// <summary>The processes as they are now.</summary>
    IReadOnlyList<ProcessEntry> Processes { get; }

    /// <summary>Done when it can't go on, with the reason.</summary>
    Task<string> Failed { get; }

    /// <summary>Stops taking requests, finishes those in hand, writes what is live, ends.</summary>
    Task Stop();
}
