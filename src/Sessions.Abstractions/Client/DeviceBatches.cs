namespace Sessions;

/// <summary>One call to a device: events, with their places in what the caller sent.</summary>
/// <param name="device">The device.</param>
internal sealed class DeviceBatch(UserDeviceKey device)
{
    public UserDeviceKey Device { get; } = device;

    public List<SessionEvent> Events { get; } = [];

    public List<int> Indexes { get; } = [];

    public long Bytes { get; set; }

    /// <summary>Whether a session goes from an anonymous device to whom it turned out to be.</summary>
    public bool HandsOver { get; set; }
}

/// <summary>Which device each event goes to.</summary>
internal static class DeviceBatches
{
    /// <summary>Groups events by device, in order; a device with many events gets several calls.</summary>
    /// <param name="project">The project of all.</param>
    /// <param name="events">The events; those that name nobody are left out.</param>
    /// <param name="limits">How much goes in one call.</param>
    /// <returns>Calls to be made one after the other: a device's, or those of devices whose events say in turn who is whom.</returns>
    public static IReadOnlyList<IReadOnlyList<DeviceBatch>> Group(
        string project, IReadOnlyList<SessionEvent> events, SessionsClientOptions limits)
    {
        var targets = new Target?[events.Count];
        List<Merge> merges = [];
        for (int i = 0; i < events.Count; i++)
        {
            targets[i] = TargetOf(project, events[i], i, merges);
        }

        MergeLanes? lanes = MergeLanes.Of(merges);
        List<List<DeviceBatch>> all = [.. Enumerable.Range(0, lanes?.Count ?? 0).Select(_ => new List<DeviceBatch>())];
        Dictionary<UserDeviceKey, (List<DeviceBatch> Calls, DeviceBatch? Open)> byDevice = [];
        for (int i = 0; i < events.Count; i++)
        {
            if (targets[i] is not var (key, handsOver))
            {
                continue;
            }

            if (!byDevice.TryGetValue(key, out (List<DeviceBatch> Calls, DeviceBatch? Open) its))
            {
                its.Calls = lanes?.LaneOf(key) is { } lane ? all[lane] : [];
                if (lanes?.LaneOf(key) is null)
                {
                    all.Add(its.Calls);
                }
            }

            SessionEvent happened = events[i];
            if (its.Open is not { } call || IsFull(call, happened, limits))
            {
                Close(its.Calls, its.Open);
                call = new DeviceBatch(key);
            }

            call.HandsOver |= handsOver;
            call.Bytes += happened.Properties.Length;
            call.Events.Add(happened);
            call.Indexes.Add(i);
            if (lanes?.IsOrdered(i) == true)
            {
                // What comes later in the lane waits for it.
                Close(its.Calls, call);
                call = null;
            }

            byDevice[key] = (its.Calls, call);
        }

        foreach ((List<DeviceBatch> calls, DeviceBatch? open) in byDevice.Values)
        {
            Close(calls, open);
        }

        return all;
    }

    /// <summary>Whether there is a device to go to.</summary>
    public static bool NamesSomebody(SessionEvent happened) =>
        IdText.Trim(happened.DistinctId) is not null || IdText.Trim(happened.DeviceId) is not null;

    /// <summary>
    /// Where an event goes; null when it names no device. An <c>$identify</c> without a device id goes to the device of who the
    /// person was until now, which has the session and hands it over.
    /// </summary>
    private static Target? TargetOf(string project, SessionEvent happened, int index, List<Merge> merges)
    {
        if (!NamesSomebody(happened))
        {
            return null;
        }

        string? other = PersonMerge.OtherIdOf(happened);
        bool isOfAnonymous = IdText.Trim(happened.Name) == PersonMerge.Identify && IdText.Trim(happened.DeviceId) is null
            && other is not null && !PersonIds.NamesNobody(other);
        var key = UserDeviceKey.Create(project, isOfAnonymous ? other! : happened.DistinctId, happened.DeviceId);
        bool joins = PersonMerge.Joins(IdText.Trim(happened.DistinctId), other);
        if (joins)
        {
            merges.Add(new Merge(index, key, happened.SessionId, IdText.Trim(happened.DistinctId)!, other!));
        }

        return new Target(key, isOfAnonymous && joins);
    }

    private static bool IsFull(DeviceBatch call, SessionEvent next, SessionsClientOptions limits) =>
        call.Events.Count >= limits.MaxEventsPerCall
        || (call.Events.Count > 0 && call.Bytes + next.Properties.Length > limits.MaxBytesPerCall);

    private static void Close(List<DeviceBatch> calls, DeviceBatch? call)
    {
        if (call is not null)
        {
            calls.Add(call);
        }
    }

    /// <summary>The device that takes an event, and whether its session goes from there to another.</summary>
    private readonly record struct Target(UserDeviceKey Device, bool HandsOver);
}
