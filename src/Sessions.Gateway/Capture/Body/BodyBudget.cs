namespace Sessions.Gateway.Capture.Body;

/// <summary>Counts the bytes of bodies in hand, so that overload is refused and not swallowed.</summary>
internal sealed class BodyBudget(long limit)
{
    private long inHand;

    public long InHand => Volatile.Read(ref inHand);

    /// <summary>Takes bytes out of the budget, or nothing when they don't fit.</summary>
    public bool TryTake(long bytes)
    {
        if (Interlocked.Add(ref inHand, bytes) <= limit)
        {
            return true;
        }

        Interlocked.Add(ref inHand, -bytes);
        return false;
    }

    public void GiveBack(long bytes) => Interlocked.Add(ref inHand, -bytes);
}

/// <summary>What one request has taken out of the budget; given back when the request is over.</summary>
internal sealed class BodyShare(BodyBudget budget) : IDisposable
{
    private long taken;

    /// <exception cref="CaptureRefusedException">The budget has no room: 503.</exception>
    public void Take(long bytes)
    {
        if (!budget.TryTake(bytes))
        {
            throw new CaptureRefusedException(CaptureRefusal.Overloaded());
        }

        taken += bytes;
    }

    public void GiveBack(long bytes)
    {
        budget.GiveBack(bytes);
        taken -= bytes;
    }

    public void Dispose() => GiveBack(taken);
}
