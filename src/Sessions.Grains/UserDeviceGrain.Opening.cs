using Sessions.Domain;

namespace Sessions.Grains;

// How an activation comes to know its device: it raises the epoch, by which others before it are refused, and reads or
// asks which sessions there are.
internal sealed partial class UserDeviceGrain
{
    private async Task<OpenDevice> Open()
    {
        // Null is what it gets that came while it was being opened for events which are refused.
        OpenDevice? device;
        do
        {
            device = await Open(reminderDue: null, welcomeAt: long.MaxValue);
        }
        while (device is null);
        return device;
    }

    /// <param name="reminderDue">When the reminder is to be due, should this be what opens it; null leaves it as it is.</param>
    /// <param name="welcomeAt">By which generation of the forgotten its events are welcome, should this be what opens it.</param>
    /// <returns>Null when persons have been forgotten since then.</returns>
    private async Task<OpenDevice?> Open(DateTimeOffset? reminderDue, long welcomeAt)
    {
        // Who was given up meanwhile must not raise the epoch: its successor would be the one that is refused.
        await wakefulness.IsSure();
        await ReadRules();
        if (_open is { } open)
        {
            return open;
        }

        if (_opening is null || _opening.IsCompleted)
        {
            _opening = OpenAnew(reminderDue, welcomeAt);
        }

        return await _opening;
    }

    private async Task<OpenDevice?> OpenAnew(DateTimeOffset? reminderDue, long welcomeAt)
    {
        if (await store.Open(Key, reminderDue, welcomeAt) is not { } opened)
        {
            return null;
        }

        _reminder = opened.Reminder;
        // Of one that is only read it is not known when it is due: as late as any.
        _reminderDue = reminderDue ?? DateTimeOffset.MaxValue;
        var device = new OpenDevice(opened.Epoch, await TimelineOf(opened.Sessions, opened.OthersBefore))
        {
            HandedTo = opened.HandedTo,
        };
        _open = device;
        return device;
    }

    private async Task<DeviceTimeline> ReadLatest()
    {
        await ReadRules();
        return await TimelineOf(await store.SessionsAround(Key, Now, _rules.IdleTimeout), othersBefore: null);
    }

    /// <summary>
    /// Rows are some seconds behind their grains, so whatever may still change is asked of its grain: live sessions
    /// and the latest, unless it has ended and the row was found to have all of it.
    /// </summary>
    private async Task<DeviceTimeline> TimelineOf(IReadOnlyList<StoredStanding> stored, DateTimeOffset? othersBefore)
    {
        DateTimeOffset latest = stored.Max(session => session.State?.Start) ?? DateTimeOffset.MinValue;
        KnownSession?[] known = await Task.WhenAll(stored.Select(async session =>
            session.State is { Status: SessionStatus.Ended } state && (session.IsCurrent || state.Start < latest)
                ? KnownSession.Of(session.SessionId, state, _rules)
                : await AskStanding(session)));
        return DeviceTimeline.Of(
            known.OfType<KnownSession>(),
            othersBefore is { } start ? DeviceTimeline.ReachOf(start, _rules) : DateTimeOffset.MinValue);
    }

    private async Task<KnownSession?> AskStanding(StoredStanding stored)
    {
        SessionStanding? standing = await Intake(stored.SessionId).GetStandingSince(stored.State?.Number ?? 0);
        return standing is not null && IsMine(standing) ? standing.ToKnown() : null;
    }

    /// <summary>What an activation of the device knows.</summary>
    private sealed class OpenDevice(long epoch, DeviceTimeline timeline)
    {
        public long Epoch { get; } = epoch;

        public DeviceTimeline Timeline { get; set; } = timeline;

        /// <summary>The device that got this one's session when its person was identified.</summary>
        public string? HandedTo { get; set; }
    }
}
