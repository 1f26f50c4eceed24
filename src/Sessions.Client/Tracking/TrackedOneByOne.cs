namespace Sessions.Client.Tracking;

/// <summary>
/// Numbers events that are tracked one by one: each gets a larger <see cref="SessionEvent.SenderOrder"/> than the one
/// before. The numbers begin at the clock's microseconds, so that a restarted process continues above its earlier
/// numbers.
/// </summary>
internal sealed class TrackedOneByOne(TimeProvider time)
{
    private long _last;

    /// <summary>The event with its number. An event that already has a number keeps it.</summary>
    public SessionEvent InOrder(SessionEvent happened) =>
        happened.SenderOrder == 0 ? happened with { SenderOrder = Next() } : happened;

    private long Next()
    {
        long now = time.GetUtcNow().UtcTicks / TimeSpan.TicksPerMicrosecond;
        while (true)
        {
            long last = Volatile.Read(ref _last);
            long next = now > last ? now : last + 1;
            if (Interlocked.CompareExchange(ref _last, next, last) == last)
            {
                return next;
            }
        }
    }
}
