using System.Diagnostics;
using Microsoft.Extensions.Options;
using Sessions.Client.Calls;

namespace Sessions.Client.Tracking;

/// <summary>Sends a backend's events to their devices, for direct calls and for the queue.</summary>
internal sealed class DeviceTracking(
    SessionGrains grains, HedgedCall calls, IOptions<SessionsClientOptions> options, TimeProvider time, TrackNear? near = null)
{
    private readonly string _project = options.Value.Project;
    private readonly DeviceCalls _devices = new(grains.Device, calls, options.Value.CallLimits, time, near);

    /// <summary>Completes when all valid events are durable.</summary>
    /// <exception cref="SessionsUnavailableException">
    /// Not all events could be made durable within the patience.
    /// </exception>
    public async Task<TrackReceipt> Track(IReadOnlyList<SessionEvent> events, CancellationToken cancellation)
    {
        using Activity? activity = SessionsClient.Source.StartActivity("sessions.track", ActivityKind.Client);
        activity?.SetTag("sessions.events", events.Count);
        return new TrackReceipt(await _devices.Track(_project, [.. events.Select(DeviceEvent.Of)], cancellation));
    }
}
