using Sessions.Client.Calls;

namespace Sessions.Client.Tracking;

/// <summary>
/// Sends events to their devices and brings the receipts back in order. Each device gets one call, or several that are
/// made one after the other. Devices are called in parallel, except those whose events merge ids that they have in
/// common (<see cref="MergeLanes"/>). Calls that fail for a passing reason are retried. That is safe, because an event
/// counts once.
/// </summary>
/// <param name="find">Finds a device's grain.</param>
/// <param name="calls">Makes the calls.</param>
/// <param name="limits">The number of parallel calls, and their sizes.</param>
/// <param name="time">The clock.</param>
/// <param name="near">Calls devices in this process; null when there is no silo in it.</param>
internal sealed class DeviceCalls(
    Func<UserDeviceKey, IUserDeviceGrain> find, HedgedCall calls, DeviceCallLimits limits, TimeProvider time, TrackNear? near = null)
{
    /// <summary>
    /// Sends the events and returns the receipts in the order of the events. When a call fails, no further call begins,
    /// and the running ones are awaited.
    /// </summary>
    /// <exception cref="SessionsUnavailableException">Not all could be made durable within the patience.</exception>
    public async Task<IReadOnlyList<EventReceipt>> Track(
        string project, IReadOnlyList<DeviceEvent> events, CancellationToken cancellation)
    {
        long started = time.GetTimestamp();
        if (InOneCall(project, events) is { } only)
        {
            return (await Make(only, started, cancellation)).Events;
        }

        var receipts = new EventReceipt[events.Count];
        List<List<DeviceCall>> rows = Group(project, events, receipts);
        // Hand-overs come first: the identified person's device must own the anonymous device's session before its own
        // events are placed.
        foreach (bool first in (bool[])[true, false])
        {
            List<List<DeviceCall>> now = rows.FindAll(row => row.Exists(call => call.HandsOver) == first);
            if (now.Count <= limits.Devices && now.TrueForAll(row => row.Count == 1))
            {
                await MakeAll(now.ConvertAll(row => row[0]), receipts, started, cancellation);
                continue;
            }

            await Parallel.ForEachAsync(
                now,
                new ParallelOptions { MaxDegreeOfParallelism = limits.Devices, CancellationToken = cancellation },
                async (row, _) =>
                {
                    foreach (DeviceCall call in row)
                    {
                        Put(await Make(call, started, cancellation), call, receipts);
                    }
                });
        }

        return receipts;
    }

    private static void Put(TrackReceipt receipt, DeviceCall call, EventReceipt[] receipts)
    {
        for (int i = 0; i < call.Places.Count; i++)
        {
            receipts[call.Places[i]] = receipt.Events[i];
        }
    }

    private async Task MakeAll(List<DeviceCall> all, EventReceipt[] receipts, long started, CancellationToken cancellation)
    {
        if (all is [])
        {
            return;
        }

        IReadOnlyList<TrackReceipt> made = await calls.MakeAll(all, Send, started, cancellation);
        for (int i = 0; i < made.Count; i++)
        {
            Put(made[i], all[i], receipts);
        }
    }

    private Task<TrackReceipt> Send(DeviceCall call)
    {
        // Each further attempt is a message, because messages reach the device wherever it is.
        bool isFirst = !call.WasMade;
        call.WasMade = true;
        return isFirst && near?.Invoke(call.Device, call.Events) is { } taken
            ? OrByMessage(taken, call)
            : find(call.Device).Track(call.Events);
    }

    private async Task<TrackReceipt> OrByMessage(Task<TrackReceipt?> near, DeviceCall call) =>
        await near ?? await find(call.Device).Track(call.Events);

    private Task<TrackReceipt> Make(DeviceCall call, long started, CancellationToken cancellation) =>
        calls.Make(() => Send(call), started, cancellation);

    /// <summary>
    /// The one call that takes all events; null when they need several. Nearly always all events of a request belong to
    /// one device, and this path allocates only their list.
    /// </summary>
    private DeviceCall? InOneCall(string project, IReadOnlyList<DeviceEvent> events)
    {
        if (events.Count == 0 || !events[0].NamesSomebody)
        {
            return null;
        }

        UserDeviceKey device = events[0].DeviceIn(project);
        long bytes = 0;
        int merges = 0;
        for (int i = 0; i < events.Count; i++)
        {
            DeviceEvent happened = events[i];
            bytes += happened.Event.Properties.Length;
            merges += happened.OtherId is null ? 0 : 1;
            if (!happened.NamesSomebody || happened.DeviceIn(project) != device || merges > 1
                || (i > 0 && (i >= limits.Events || bytes > limits.Bytes)))
            {
                return null;
            }
        }

        List<SessionEvent> all = new(events.Count);
        for (int i = 0; i < events.Count; i++)
        {
            all.Add(events[i].Event);
        }

        return new DeviceCall(device) { Events = all };
    }

    /// <summary>
    /// Groups events by device, in order. Events without any id are refused here: this method writes their receipts.
    /// </summary>
    /// <returns>
    /// Rows of calls. The calls of one row are made one after the other: those of one device, or of devices in one
    /// lane.
    /// </returns>
    private List<List<DeviceCall>> Group(string project, IReadOnlyList<DeviceEvent> events, EventReceipt[] receipts)
    {
        MergeLanes? lanes = LanesOf(project, events);
        List<List<DeviceCall>> rows = [.. Enumerable.Range(0, lanes?.Count ?? 0).Select(_ => new List<DeviceCall>())];
        Dictionary<UserDeviceKey, (List<DeviceCall> Row, DeviceCall? Open)> byDevice = [];
        for (int i = 0; i < events.Count; i++)
        {
            DeviceEvent happened = events[i];
            if (!happened.NamesSomebody)
            {
                receipts[i] = new EventReceipt(happened.Event.Id, EventOutcome.Invalid, null, DropReason.MissingDistinctId);
                continue;
            }

            UserDeviceKey device = happened.DeviceIn(project);
            if (!byDevice.TryGetValue(device, out (List<DeviceCall> Row, DeviceCall? Open) its))
            {
                its.Row = lanes?.LaneOf(device) is { } lane ? rows[lane] : [];
                if (lanes?.LaneOf(device) is null)
                {
                    rows.Add(its.Row);
                }
            }

            if (its.Open is not { } call || call.HasNoRoomFor(happened.Event, limits))
            {
                Close(its.Row, its.Open);
                call = new DeviceCall(device);
            }

            call.Add(happened, i);
            if (lanes?.IsOrdered(i) == true)
            {
                // Later calls of the lane wait for this one.
                Close(its.Row, call);
                call = null;
            }

            byDevice[device] = (its.Row, call);
        }

        foreach ((List<DeviceCall> row, DeviceCall? open) in byDevice.Values)
        {
            Close(row, open);
        }

        return rows;
    }

    private static MergeLanes? LanesOf(string project, IReadOnlyList<DeviceEvent> events)
    {
        List<Merge> merges = [];
        for (int i = 0; i < events.Count; i++)
        {
            if (events[i] is { NamesSomebody: true, OtherId: { } other } merge)
            {
                merges.Add(new Merge(
                    i, merge.DeviceIn(project), merge.Event.SessionId, IdText.Trim(merge.Event.DistinctId)!, other));
            }
        }

        return MergeLanes.Of(merges);
    }

    private static void Close(List<DeviceCall> row, DeviceCall? call)
    {
        if (call is not null)
        {
            row.Add(call);
        }
    }
}
