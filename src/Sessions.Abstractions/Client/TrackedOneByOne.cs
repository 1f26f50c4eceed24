namespace Sessions;

/// <summary>
/// Orders events that come one by one: each gets a larger number than the one before it. The numbers begin at the
/// clock's microseconds, so that a process that has restarted goes on after what it sent before.
/// </summary>
internal sealed class TrackedOneByOne(TimeProvider time)
{
    private long _last;

    /// <summary>The event with its place; one that says its place keeps it.</summary>
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
