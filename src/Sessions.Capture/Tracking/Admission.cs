namespace Sessions.Capture.Tracking;

/// <summary>
/// Limits the requests and events that are on their way to the grains. A request beyond the limit is refused before it
/// costs anything: it would wait until its sender times out, and delay all others.
/// </summary>
internal sealed class Admission(CaptureOptions options)
{
    private readonly Lock _gate = new();
    private int _requests;
    private long _events;

    /// <summary>The requests on their way to the grains.</summary>
    public int Requests => Volatile.Read(ref _requests);

    /// <summary>Refuses a request that has no room, before its body is read.</summary>
    /// <exception cref="CaptureRefusedException">There is no room: 503.</exception>
    public void Check()
    {
        if (Volatile.Read(ref _requests) >= options.MaxRequestsInHand || Volatile.Read(ref _events) >= options.MaxEventsInHand)
        {
            throw new CaptureRefusedException(CaptureRefusal.Overloaded());
        }
    }

    /// <summary>Admits a request's events. Dispose the result when they are tracked.</summary>
    /// <exception cref="CaptureRefusedException">There is no room: 503.</exception>
    public Stay Enter(int events)
    {
        lock (_gate)
        {
            // A request that is alone is admitted at any size: its sender could only send the same request again.
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

    /// <summary>The place that a request's events take.</summary>
    internal sealed class Stay(Admission admission, int events) : IDisposable
    {
        public void Dispose() => admission.Leave(events);
    }
}
