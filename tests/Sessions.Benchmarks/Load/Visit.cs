namespace Sessions.Benchmarks.Load;

/// <summary>Whose an event is: a device's number, and its session's.</summary>
internal readonly record struct Visit(int Device, int Session);

/// <summary>Says whose each event of a load is.</summary>
/// <param name="request">The number of its request.</param>
/// <param name="index">Its place in the request.</param>
/// <param name="events">How many events the request has.</param>
internal delegate Visit Visits(long request, int index, int events);

/// <summary>Whose the events of common loads are.</summary>
internal static class VisitsOf
{
    /// <summary>One device after the other, each with one session for good; a request's events are one device's, as an SDK sends them.</summary>
    public static Visits OneDeviceARequest(int devices) => (request, _, _) => new Visit((int)(request % devices), (int)(request % devices));

    /// <summary>Each event of a request is another device's, as a backend, a game server or a CDP sends them.</summary>
    public static Visits OneDeviceAnEvent(int devices) => (request, index, events) =>
    {
        int device = (int)(((request * events) + index) % devices);
        return new Visit(device, device);
    };
}
