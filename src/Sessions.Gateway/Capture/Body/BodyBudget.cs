namespace Sessions.Gateway.Capture.Body;

/// <summary>Counts the bytes of bodies in hand, so that overload is refused and not swallowed.</summary>
internal sealed class BodyBudget(long limit)
{
    private long _inHand;

    public long InHand => Volatile.Read(ref _inHand);

    /// <summary>Takes bytes out of the budget, or nothing when they don't fit.</summary>
    public bool TryTake(long bytes)
    {
        if (Interlocked.Add(ref _inHand, bytes) <= limit)
        {
            return true;
        }

        Interlocked.Add(ref _inHand, -bytes);
        return false;
    }

    public void GiveBack(long bytes) => Interlocked.Add(ref _inHand, -bytes);
}

/// <summary>What one request has taken out of the budget; given back when the request is over.</summary>
internal sealed class BodyShare(BodyBudget budget) : IDisposable
{
    private long _taken;

    /// <exception cref="CaptureRefusedException">The budget has no room: 503.</exception>
    public void Take(long bytes)
    {
        if (!budget.TryTake(bytes))
        {
            throw new CaptureRefusedException(CaptureRefusal.Overloaded());
        }

        _taken += bytes;
    }

    public void GiveBack(long bytes)
    {
        budget.GiveBack(bytes);
        _taken -= bytes;
    }

    public void Dispose() => GiveBack(_taken);
}
