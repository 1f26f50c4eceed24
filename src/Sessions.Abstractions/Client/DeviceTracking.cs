using System.Diagnostics;

namespace Sessions;

/// <summary>How events get to their devices: for those who wait, and for the queue.</summary>
internal static class DeviceTracking
{
    public static async Task<TrackReceipt> Track(
        IReadOnlyList<SessionEvent> events,
        SessionGrains grains,
        PatientCalls calls,
        SessionsClientOptions options,
        TimeProvider time,
        CancellationToken cancellation)
    {
        using Activity? activity = SessionsClient.Source.StartActivity("sessions.track", ActivityKind.Client);
        activity?.SetTag("sessions.events", events.Count);
        long started = time.GetTimestamp();
        var receipts = new EventReceipt[events.Count];
        for (int i = 0; i < events.Count; i++)
        {
            if (!DeviceBatches.NamesSomebody(events[i]))
            {
                receipts[i] = new EventReceipt(events[i].Id, EventOutcome.Invalid, null, DropReason.MissingDistinctId);
            }
        }

        IReadOnlyList<IReadOnlyList<DeviceBatch>> devices = DeviceBatches.Group(options.Project, events, options);
        // Who is identified gets the anonymous device's session before its own events look for one.
        foreach (bool first in (bool[])[true, false])
        {
            await Parallel.ForEachAsync(
                devices.Where(device => device.Any(call => call.HandsOver) == first),
                new ParallelOptions { MaxDegreeOfParallelism = options.MaxDevicesAtOnce, CancellationToken = cancellation },
                async (device, stop) =>
                {
                    foreach (DeviceBatch call in device)
                    {
                        IUserDeviceGrain grain = grains.Device(call.Device);
                        TrackReceipt receipt = await calls.Make(() => grain.Track(call.Events), started, stop);
                        for (int i = 0; i < call.Indexes.Count; i++)
                        {
                            receipts[call.Indexes[i]] = receipt.Events[i];
                        }
                    }
                });
        }

        return new TrackReceipt(receipts);
    }
}
