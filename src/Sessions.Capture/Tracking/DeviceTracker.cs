using Microsoft.Extensions.Logging;
using Sessions.Client.Calls;
using Sessions.Client.Tracking;

namespace Sessions.Capture.Tracking;

/// <summary>Sends a request's events to their user-devices and waits until all are durable.</summary>
/// <param name="find">Finds a user-device's grain.</param>
/// <param name="options">The timeouts and limits.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">Logs when an outage begins and ends.</param>
/// <param name="near">Calls devices in this process; null when there is no silo in it.</param>
internal sealed partial class DeviceTracker(
    Func<UserDeviceKey, IUserDeviceGrain> find,
    CaptureOptions options,
    TimeProvider time,
    ILogger<DeviceTracker> logger,
    TrackNear? near = null)
{
    private readonly DeviceCalls _devices = new(
        find, new HedgedCall(options.Times, time, logger), new DeviceCallLimits(options.MaxDevicesAtOnce), time, near);

    private volatile bool _isFailing;

    /// <summary>Returns the receipts, in the order of the events.</summary>
    /// <exception cref="CaptureRefusedException">Not all events could be made durable in time: 503.</exception>
    public async Task<IReadOnlyList<EventReceipt>> Track(string project, IReadOnlyList<CapturedEvent> events)
    {
        var sent = new DeviceEvent[events.Count];
        for (int i = 0; i < sent.Length; i++)
        {
            sent[i] = new DeviceEvent(events[i].Event, events[i].AnonymousId, events[i].OtherId);
        }

        try
        {
            IReadOnlyList<EventReceipt> receipts = await _devices.Track(project, sent, CancellationToken.None);
            _isFailing = false;
            return receipts;
        }
        catch (Exception failure)
        {
            bool isNews = !_isFailing || failure is not SessionsUnavailableException;
            _isFailing = true;
            // Logged once until events are stored again, because during an outage every request fails the same way.
            if (isNews)
            {
                LogUnavailable(failure is SessionsUnavailableException ? null : failure, failure.Message);
            }

            throw new CaptureRefusedException(CaptureRefusal.Unavailable());
        }
    }

    [LoggerMessage(3001, LogLevel.Warning, "Events can't be stored now ({Reason}). Their senders get 503 and send them again. "
        + "Check that the silos and Postgres run.")]
    private partial void LogUnavailable(Exception? failure, string reason);
}
