namespace Sessions.Postgres.Time;

/// <summary>
/// Postgres' clock. What time it is says Postgres, or the machine where both agree; from then on this process counts by
/// itself. The machine's own clock may be wrong, or be set, and nothing that is stored depends on it. Until Postgres was asked
/// for the first time it is the machine's. Timers run as ever: they measure how long something takes.
/// </summary>
/// <param name="machine">The machine's clock.</param>
public sealed class ServerClock(TimeProvider machine) : TimeProvider
{
    // Two clocks on well-kept machines are closer to each other. Below it this one is not set, so that it runs evenly.
    private static readonly TimeSpan Tolerance = TimeSpan.FromMilliseconds(50);

    private Anchor? _anchor;

    /// <summary>The machine's clock.</summary>
    public TimeProvider Machine => machine;

    /// <inheritdoc/>
    public override long TimestampFrequency => machine.TimestampFrequency;

    /// <inheritdoc/>
    public override TimeZoneInfo LocalTimeZone => machine.LocalTimeZone;

    /// <inheritdoc/>
    public override DateTimeOffset GetUtcNow() =>
        Volatile.Read(ref _anchor) is { } anchor ? anchor.Time + machine.GetElapsedTime(anchor.At) : machine.GetUtcNow();

    /// <inheritdoc/>
    public override long GetTimestamp() => machine.GetTimestamp();

    /// <inheritdoc/>
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        machine.CreateTimer(callback, state, dueTime, period);

    /// <summary>Takes over what Postgres says.</summary>
    /// <param name="time">Postgres' time.</param>
    /// <param name="at">The timestamp at which it was that time.</param>
    /// <param name="doubt">By how much that may be wrong, either way.</param>
    public void Set(DateTimeOffset time, long at, TimeSpan doubt)
    {
        TimeSpan allowed = doubt + Tolerance;
        if (_anchor is { } anchor && (anchor.Time + machine.GetElapsedTime(anchor.At, at) - time).Duration() <= allowed)
        {
            return;
        }

        // A right machine knows its own time better than a question to Postgres tells it: an answer takes milliseconds, and
        // resets and events of other programs on this machine are compared by less.
        DateTimeOffset own = machine.GetUtcNow() - machine.GetElapsedTime(at);
        Volatile.Write(ref _anchor, new Anchor((own - time).Duration() <= allowed ? own : time.ToUniversalTime(), at));
    }

    private sealed record Anchor(DateTimeOffset Time, long At);
}
