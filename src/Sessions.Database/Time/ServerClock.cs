namespace Sessions.Database.Time;

/// <summary>
/// A clock that follows Postgres' clock. Each comparison sets its offset; in between, it counts with the machine's
/// monotonic timer. So a wrong or changed machine clock does not affect stored times. Before the first comparison it
/// shows the machine's time. Timers and timestamps are the machine's.
/// </summary>
/// <param name="machine">The machine's clock.</param>
public sealed class ServerClock(TimeProvider machine) : TimeProvider
{
    // Synchronized machines differ by less than this. Smaller differences don't change the offset, so that the clock
    // runs evenly.
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

    /// <summary>Sets the clock to Postgres' time.</summary>
    /// <param name="time">Postgres' time.</param>
    /// <param name="at">The machine's timestamp of that moment.</param>
    /// <param name="doubt">The possible error, in either direction.</param>
    public void Set(DateTimeOffset time, long at, TimeSpan doubt)
    {
        TimeSpan allowed = doubt + Tolerance;
        if (_anchor is { } anchor && (anchor.Time + machine.GetElapsedTime(anchor.At, at) - time).Duration() <= allowed)
        {
            return;
        }

        // If the machine's clock is right, it is more precise than Postgres' answer, which takes milliseconds. Events
        // of other programs on this machine, and resets, are compared with smaller differences.
        DateTimeOffset own = machine.GetUtcNow() - machine.GetElapsedTime(at);
        Volatile.Write(ref _anchor, new Anchor((own - time).Duration() <= allowed ? own : time.ToUniversalTime(), at));
    }

    private sealed record Anchor(DateTimeOffset Time, long At);
}
