namespace Sessions.Database;

/// <summary> Limits the log lines of repeated failures to two: when the failures begin, and when they end. </summary>
public sealed class Outage
{
    private int _isOn;

    /// <summary>Records a failure.</summary>
    /// <returns>Whether this is the first failure, which should be logged.</returns>
    public bool Begin() => Interlocked.Exchange(ref _isOn, 1) == 0;

    /// <summary>Records a success.</summary>
    /// <returns>Whether this is the first success after a failure, which should be logged.</returns>
    // Most calls only read: there is a success for each batch of events.
    public bool End() => Volatile.Read(ref _isOn) != 0 && Interlocked.Exchange(ref _isOn, 0) != 0;
}
