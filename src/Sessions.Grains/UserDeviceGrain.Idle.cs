using Microsoft.Extensions.Logging;

namespace Sessions.Grains;

// How a live session ends when nothing comes any more: a timer makes it punctual while the grain is in memory, a
// reminder makes it sure whatever died.
internal sealed partial class UserDeviceGrain
{
    // The first tick is late enough for the timer to be first.
    private static readonly TimeSpan ReminderSlack = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(2);

    // The version of what is written; null when nothing is, as far as is known here.
    private int? _reminder;
    private DateTimeOffset _reminderDue;
    private IGrainTimer? _timer;
    private bool _timerIsArmed;
    private DateTimeOffset _timerAt;
    private bool _isCountedLive;

    public async Task ReceiveReminder(string reminderName, TickStatus status)
    {
        try
        {
            if (_open is null && await store.EpochOf(Key) == 0)
            {
                await StayForgotten(reminderName);
                return;
            }

            OpenDevice device = await Open();
            await EndIdle(device);
            if (!await StandDownWhenIdle(device))
            {
                // It went on: the tick was for when it began.
                await RegisterReminder(TimeLeft(device));
                ArmTimer(device);
            }
        }
        catch (SessionsUnavailableException unavailable)
        {
            // The next tick comes within a minute.
            log.LogDebug(unavailable, "A device could not look after its idle session");
        }
    }

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        CountLive(false);
        return base.OnDeactivateAsync(reason, cancellationToken);
    }

    /// <summary>A device that went with its person must not be written down again by a tick that was on its way.</summary>
    private async Task StayForgotten(string reminderName)
    {
        if (await this.GetReminder(reminderName) is { } left)
        {
            await this.UnregisterReminder(left);
        }

        DeactivateOnIdle();
    }

    private async Task OnTimer()
    {
        _timerIsArmed = false;
        try
        {
            OpenDevice device = await Open();
            await EndIdle(device);
            if (!await StandDownWhenIdle(device))
            {
                ArmTimer(device);
            }
        }
        catch (SessionsUnavailableException unavailable)
        {
            log.LogDebug(unavailable, "A device could not look after its idle session");
            ArmTimer(clock.GetUtcNow() + RetryDelay);
        }
    }

    private async Task EndIdle(OpenDevice device)
    {
        try
        {
            await EndOver(device);
        }
        catch (SessionsUnavailableException)
        {
            _open = null;
            throw;
        }
    }

    /// <summary>Without a live session there is nothing to wake up for.</summary>
    private async Task<bool> StandDownWhenIdle(OpenDevice device)
    {
        if (device.Timeline.Live is not null)
        {
            return false;
        }

        try
        {
            await UnregisterReminder();
        }
        catch (SessionsUnavailableException failure)
        {
            // A tick without a live session tries again.
            log.LogDebug(failure, "A reminder could not be unregistered");
            _reminder = null;
        }

        CountLive(false);
        DeactivateOnIdle();
        return true;
    }

    private async Task UnregisterReminder()
    {
        if (_reminder is { } version)
        {
            // Who expects a session meanwhile writes another one, which this does not touch.
            _reminder = null;
            await store.RemindNoMore(Key, version);
        }
    }

    /// <summary>
    /// Opens it with a reminder written in the same commit, before it is known for sure that a session will be live. When
    /// none is, the first tick removes it.
    /// </summary>
    private Task<OpenDevice?> OpenAhead(IReadOnlyList<SessionEvent> events, DateTimeOffset receivedAt, long welcomeAt) => Open(
        events.Any(happened => happened.Timestamp is not { } time || (time - receivedAt).Duration() < _rules.IdleTimeout)
            ? receivedAt + _rules.IdleTimeout + ReminderSlack
            : null,
        welcomeAt);

    private async Task ArmReminder()
    {
        if (_reminder is null)
        {
            await RegisterReminder(_rules.IdleTimeout);
        }
    }

    /// <summary>A client may have a shorter idle timeout than its project, which shows once its session has its events.</summary>
    private async Task HastenReminder(OpenDevice device)
    {
        if (device.Timeline.IdlesAt is { } idlesAt && idlesAt + ReminderSlack < _reminderDue)
        {
            await RegisterReminder(TimeLeft(device));
        }
    }

    private async Task RegisterReminder(TimeSpan left)
    {
        DateTimeOffset due = Now + (left > TimeSpan.Zero ? left : TimeSpan.Zero) + ReminderSlack;
        _reminder = await store.Remind(Key, due);
        _reminderDue = due;
    }

    private void ArmTimer(OpenDevice device)
    {
        CountLive(device.Timeline.Live is not null);
        // An armed timer fires early rather than late: it finds the time left and arms itself again.
        if (device.Timeline.IdlesAt is { } at && (!_timerIsArmed || at < _timerAt))
        {
            ArmTimer(at);
        }
    }

    private void ArmTimer(DateTimeOffset at)
    {
        TimeSpan left = at - clock.GetUtcNow();
        TimeSpan due = left > TimeSpan.Zero ? left : TimeSpan.FromMilliseconds(1);
        _timerAt = at;
        _timerIsArmed = true;
        if (_timer is null)
        {
            _timer = this.RegisterGrainTimer(OnTimer, new GrainTimerCreationOptions(due, Timeout.InfiniteTimeSpan));
        }
        else
        {
            _timer.Change(due, Timeout.InfiniteTimeSpan);
        }
    }

    private void CountLive(bool live)
    {
        if (live != _isCountedLive)
        {
            _isCountedLive = live;
            metrics.Live(live ? 1 : -1);
        }
    }

    private TimeSpan TimeLeft(OpenDevice device) => device.Timeline.IdlesAt is { } at ? at - Now : TimeSpan.Zero;
}
