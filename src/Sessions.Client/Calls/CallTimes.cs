namespace Sessions.Client.Calls;

/// <summary>The times of a retried and hedged grain call.</summary>
internal sealed record CallTimes
{
    /// <summary>For how long a call is retried while silos start and stop.</summary>
    public required TimeSpan Patience { get; init; }

    /// <summary>
    /// For how long a call is retried while the silo answers that its store is unavailable. Never longer than the
    /// patience.
    /// </summary>
    public required TimeSpan StorePatience { get; init; }

    /// <summary>After this long without an answer, a second call is made while the first one still runs.</summary>
    public required TimeSpan HedgeAfter { get; init; }

    /// <summary>The pause after the first failure. Each later pause is twice as long.</summary>
    public required TimeSpan FirstPause { get; init; }

    /// <summary>The longest pause between two calls.</summary>
    public required TimeSpan LongestPause { get; init; }
}
