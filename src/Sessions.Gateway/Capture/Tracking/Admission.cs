namespace Sessions.Gateway.Capture.Tracking;

/// <summary>
/// How much may be on its way to the grains at a time. What comes on top is refused before anything is spent on it: it
/// would only wait until its sender has lost patience, and take everybody else's time with it.
/// </summary>
internal sealed class Admission(CaptureOptions options)
{
    private readonly Lock _gate = new();
    private int _requests;
    private long _events;

    /// <summary>Requests on their way.</summary>
    public int Requests => Volatile.Read(ref _requests);

    /// <summary>Refuses, before its body is read, a request that would not be let in.</summary>
    /// <exception cref="CaptureRefusedException">There is no room: 503.</exception>
    public void Check()
    {
        if (Volatile.Read(ref _requests) >= options.MaxRequestsInHand || Volatile.Read(ref _events) >= options.MaxEventsInHand)
        {
            throw new CaptureRefusedException(CaptureRefusal.Overloaded());
        }
    }

    /// <summary>Lets a request's events in, until what it returns is disposed of.</summary>
    /// <exception cref="CaptureRefusedException">There is no room: 503.</exception>
    public Stay Enter(int events)
    {
        lock (_gate)
        {
            // Alone, a request is let in whatever its size: who sends it again has no smaller one.
            if (_requests >= options.MaxRequestsInHand || (_requests > 0 && _events + events > options.MaxEventsInHand))
            {
                throw new CaptureRefusedException(CaptureRefusal.Overloaded());
            }

            _requests++;
            _events += events;
        }

        return new Stay(this, events);
    }

    private void Leave(int events)
    {
        lock (_gate)
        {
            _requests--;
            _events -= events;
        }
    }

    /// <summary>A request's events on their way.</summary>
    internal sealed class Stay(Admission admission, int events) : IDisposable
    {
        public void Dispose() => admission.Leave(events);
    }
}
