using System.Collections.Immutable;
using Sessions.Domain.Folding;

namespace Sessions.Domain.Devices;

/// <summary>
/// The state machine of a user-device: what an activation knows of the device, and what it does next. It has no clock
/// and makes no calls: each method returns a sequence of steps (<see cref="DeviceStep"/>), and callers rely on the
/// order of the steps. A reminder is registered before the events that make a session live are appended. Another device
/// is told to expect a session before the session is handed over to it. Sessions end after the events that replace them
/// are durable.
/// </summary>
/// <param name="key">The device.</param>
/// <param name="epoch">The activation's epoch: sessions and the journal refuse an activation with an older one.</param>
/// <param name="timeline">The sessions that the device knows.</param>
/// <param name="handedTo">The device that got this one's session when its person was identified.</param>
/// <param name="alarms">The device's timer and reminder.</param>
public sealed class Device(UserDeviceKey key, long epoch, DeviceTimeline timeline, string? handedTo, DeviceAlarms alarms)
{
    /// <summary>The device.</summary>
    public UserDeviceKey Key => key;

    /// <summary>The activation's epoch.</summary>
    public long Epoch => epoch;

    /// <summary>The device's timer and reminder.</summary>
    public DeviceAlarms Alarms => alarms;

    /// <summary>The sessions that the device knows.</summary>
    public DeviceTimeline Timeline { get; private set; } = timeline;

    /// <summary>The device that got this one's session when its person was identified.</summary>
    public string? HandedTo { get; internal set; } = handedTo;

    /// <summary>
    /// What the transaction of the first events has to write, when the store does not know the device; null when it does.
    /// </summary>
    public DeviceOpening? Opening { get; set; }

    /// <summary>Whether the store knows the device, so that its epoch keeps older activations out.</summary>
    public bool IsWritten => Opening is null or { IsDurable: true };

    /// <summary>The project's rules. The caller sets them before it calls a method.</summary>
    public SessionRules Rules { get; set; } = new();

    /// <summary>The server's time. The caller sets it before each step.</summary>
    public DateTimeOffset Now { get; set; }

    /// <summary>
    /// Handles the timer or the reminder: ends idle sessions. A device without a live session stands down.
    /// </summary>
    /// <param name="isReminder">Whether the reminder fired.</param>
    public IEnumerable<DeviceStep> Wake(bool isReminder)
    {
        foreach (DeviceStep step in End())
        {
            yield return step;
        }

        if (Timeline.Live is null)
        {
            yield return new StandDown(Alarms.TakeReminder(), IsForced: false);
            yield break;
        }

        if (isReminder || Alarms.ReminderDue < Timeline.IdlesAt)
        {
            // The session had later activity: the reminder was set for an earlier one. The timer fires first and moves the
            // reminder, which is cheaper than to let Orleans wake the device for nothing.
            RegisterReminder reminder = ReminderAt(Timeline.IdlesAt!.Value);
            yield return reminder;
            Alarms.Registered(reminder);
        }

        foreach (DeviceStep step in SetAlarms())
        {
            yield return step;
        }
    }

    /// <summary>Prepares for a session that will be handed over to this device.</summary>
    public IEnumerable<DeviceStep> Expect()
    {
        if (FirstReminder() is { } reminder)
        {
            yield return reminder;
            Alarms.Registered(reminder);
        }
    }

    /// <summary>Takes a session that is handed over to this device.</summary>
    public IEnumerable<DeviceStep> Inherit(SessionStanding session)
    {
        // The device may have stood down since it prepared for the session.
        foreach (DeviceStep step in Expect())
        {
            yield return step;
        }

        Learn(session.SessionId, session);
        foreach (DeviceStep step in SetAlarms())
        {
            yield return step;
        }
    }

    /// <summary>Handles that the device's sessions were changed from outside, after they were read again.</summary>
    public IEnumerable<DeviceStep> Recall()
    {
        foreach (DeviceStep step in End())
        {
            yield return step;
        }

        if (Timeline.Live is null)
        {
            yield return new StandDown(Alarms.TakeReminder(), IsForced: true);
            yield break;
        }

        foreach (DeviceStep step in Expect().Concat(SetAlarms()))
        {
            yield return step;
        }
    }

    /// <summary>
    /// Handles a request to end the live session. If the session is idle by now, it ends as idle instead.
    /// </summary>
    public IEnumerable<DeviceStep> Reset(DeviceReset reset)
    {
        foreach (DeviceStep step in End())
        {
            yield return step;
        }

        if (Timeline.Live is not { } live || (reset.Asked is { } asked && asked != live.SessionId))
        {
            // The request may be a retry after a lost answer.
            reset.Ended = reset.Asked is { } ended && Timeline.Find(ended) is { EndReason: EndReason.Reset } ? ended : null;
            yield break;
        }

        var end = new EndSessions([new SessionEnd(live.SessionId, EndReason.Reset, Later(Now, live.End))]);
        yield return end;
        Learn(end);
        if (end.Ends[0].Verdict != EndVerdict.Ended)
        {
            yield break;
        }

        reset.Ended = live.SessionId;
        if (Timeline.Live is null)
        {
            yield return new StandDown(Alarms.TakeReminder(), IsForced: false);
        }
    }

    /// <summary>Ends the sessions that have idled, and then those that a later session has replaced.</summary>
    internal IEnumerable<DeviceStep> End()
    {
        // Idle sessions end first: a punctual timer would have ended them before later sessions could replace them.
        if (Timeline.HasIdle(Now))
        {
            bool isLast = Timeline.Sessions.Count(session => session.IsLive) == 1;
            // The end of the last live session removes the reminder in the same commit.
            int? reminder = isLast ? Alarms.TakeReminder() : null;
            var idle = new EndSessions(
                [.. Timeline.Sessions.Where(session => session.IsIdle(Now))
                    .Select(session => new SessionEnd(session.SessionId, EndReason.Idle, ClosedAt: null, reminder))]);
            yield return idle;
            Learn(idle);
            if (isLast && idle.Ends[0].Verdict != EndVerdict.Ended)
            {
                Alarms.Reminder ??= reminder;
            }
        }

        ImmutableArray<SessionStanding> sessions = Timeline.Sessions;
        if (Timeline.Live is { } live && Timeline.Replaced.ToArray() is { Length: > 0 } replaced)
        {
            var ends = new EndSessions(
                [.. replaced.Select(session => new SessionEnd(
                    session.SessionId, Placement.WhyEnded(sessions, session, live), Later(live.Start, session.End)))]);
            yield return ends;
            Learn(ends);
        }
    }

    /// <summary>
    /// The step that registers the reminder, which must exist before a session is live; null when there is a reminder
    /// already.
    /// </summary>
    internal RegisterReminder? FirstReminder() =>
        Alarms.Reminder is null ? ReminderAt(Now + Rules.IdleTimeout) : null;

    /// <summary>Whether <see cref="SetAlarms"/> has anything to do.</summary>
    internal bool NeedsAlarms => Timeline.IdlesAt is { } at && (IsBeforeReminder(at) || IsBeforeTimer(at));

    /// <summary>
    /// Brings the reminder forward, because a client may have a shorter idle timeout than its project, which shows once the
    /// session has its events. Then sets the timer.
    /// </summary>
    internal IEnumerable<DeviceStep> SetAlarms()
    {
        if (Timeline.IdlesAt is { } idlesAt && IsBeforeReminder(idlesAt))
        {
            RegisterReminder reminder = ReminderAt(idlesAt);
            yield return reminder;
            Alarms.Registered(reminder);
        }

        // A timer that fires too early does no harm: it computes the remaining time and is set again.
        if (Timeline.IdlesAt is { } at && IsBeforeTimer(at))
        {
            Alarms.TimerAt = at;
            yield return new SetTimer(at);
        }
    }

    /// <summary>
    /// Whether a session most likely has no row yet: then it need not look for one. The transaction that begins it fails if it
    /// has one after all. Sessions that backends name mostly belong to other devices, and those of late events may be old.
    /// </summary>
    internal bool IsNew(Guid sessionId, in PlacedEvent first, DateTimeOffset receivedAt)
    {
        DateTimeOffset time = first.Event.Timestamp!.Value;
        return Timeline.Find(sessionId) is null
            && HandedTo is null
            && (time - receivedAt).Duration() < Rules.IdleTimeout
            && !Timeline.NeedsOthers(time)
            && (!first.Named || !string.IsNullOrEmpty(first.Event.DeviceId));
    }

    internal void Learn(Guid sessionId, SessionStanding? standing) =>
        Timeline = standing is not null && standing.Owner == Key.Device
            ? Timeline.With(standing)
            : Timeline.Without(sessionId);

    private void Learn(EndSessions answered)
    {
        foreach (SessionEnd end in answered.Ends)
        {
            if (end.Verdict == EndVerdict.Stale)
            {
                throw Replaced();
            }

            Learn(end.SessionId, end.Verdict == EndVerdict.NotYours ? null : end.Standing);
        }
    }

    private RegisterReminder ReminderAt(DateTimeOffset idlesAt) => new(Later(idlesAt, Now) + DeviceAlarms.ReminderSlack);

    private bool IsBeforeReminder(DateTimeOffset idlesAt) => idlesAt + DeviceAlarms.ReminderSlack < Alarms.ReminderDue;

    private bool IsBeforeTimer(DateTimeOffset idlesAt) => !(Alarms.TimerAt <= idlesAt);

    private static DateTimeOffset Later(DateTimeOffset one, DateTimeOffset other) => one > other ? one : other;

    /// <summary>
    /// The failure of an activation that a newer activation of the device has replaced. It must open the device again.
    /// </summary>
    public static SessionsUnavailableException Replaced() => new("Another activation of the device is at work.");
}

/// <summary>A request to end a device's live session.</summary>
/// <param name="asked">The session to end, if it is the live one; null for any live session.</param>
public sealed class DeviceReset(Guid? asked)
{
    /// <summary>The session to end, if it is the live one; null for any live session.</summary>
    public Guid? Asked => asked;

    /// <summary>
    /// The session that this request, or an earlier attempt of it, has ended; null when there is none.
    /// </summary>
    public Guid? Ended { get; internal set; }
}
