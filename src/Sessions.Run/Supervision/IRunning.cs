namespace Sessions.Run.Supervision;

/// <summary>The processes that a supervisor has started: one with everything in it, or a cluster.</summary>
internal interface IRunning
{
    /// <summary>The addresses of their metrics.</summary>
    IReadOnlyList<MetricsEntry> Metrics { get; }

    /// <summary>The processes as they are now.</summary>
    IReadOnlyList<ProcessEntry> Processes { get; }

    /// <summary>Completes when it can't continue, with the reason.</summary>
    Task<string> Failed { get; }

    /// <summary>
    /// Stops taking requests, finishes the current ones, writes the state of live sessions, and ends.
    /// </summary>
    Task Stop();
}
