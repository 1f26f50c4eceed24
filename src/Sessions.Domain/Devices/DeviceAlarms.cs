namespace Sessions.Domain.Devices;

/// <summary>
/// The two alarms that wake a device to end its live session: a timer in memory ends it on time, a reminder in the
/// database ends it if the process dies. Both stay set when the activation reads its sessions again.
/// </summary>
public sealed class DeviceAlarms
{
    /// <summary>The reminder is due this much later than the timer, so that the timer fires first.</summary>
    public static readonly TimeSpan ReminderSlack = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(100);

    private static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(2);

    /// <summary>The version of the reminder; null when no reminder is known.</summary>
    public int? Reminder { get; internal set; }

    /// <summary>The latest time at which the reminder is due.</summary>
    public DateTimeOffset ReminderDue { get; private set; }

    /// <summary>When the timer fires; null when it is not set.</summary>
    public DateTimeOffset? TimerAt { get; internal set; }

    /// <summary>
    /// When a timer for that time fires: at the next tenth of a second. So devices whose sessions idle at nearly the same
    /// time wake together, and one transaction ends many sessions.
    /// </summary>
    public static DateTimeOffset Together(DateTimeOffset at) =>
        new((at.UtcTicks + Step.Ticks - 1) / Step.Ticks * Step.Ticks, TimeSpan.Zero);

    /// <summary>Records the reminder that was read when the device was opened.</summary>
    /// <param name="reminder">The version of the reminder; null when there is none.</param>
    /// <param name="due">When it is due; null when the reminder existed before and only its version is known.</param>
    public void Opened(int? reminder, DateTimeOffset? due)
    {
        Reminder = reminder;
        ReminderDue = due ?? DateTimeOffset.MaxValue;
    }

    /// <summary>
    /// Records that the timer has fired, or that its time is wrong because the idle timeout has changed.
    /// </summary>
    public void ForgetTimer() => TimerAt = null;

    /// <summary>The step that sets the timer for a retry after a failure.</summary>
    public SetTimer Retry(DateTimeOffset now)
    {
        TimerAt = now + RetryDelay;
        return new SetTimer(TimerAt.Value);
    }

    internal void Registered(RegisterReminder reminder)
    {
        Reminder = reminder.Answer;
        ReminderDue = reminder.Due;
    }

    /// <summary>
    /// Returns the version of the reminder, which will be removed. A reminder that is registered meanwhile stays.
    /// </summary>
    internal int? TakeReminder()
    {
        int? version = Reminder;
        Reminder = null;
        return version;
    }
}
