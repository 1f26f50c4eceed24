using Sessions.Domain.Folding;

namespace Sessions.Domain.Devices;

/// <summary>
/// One step of a device: something that it needs to know or has to do. The caller performs the step, stores the answer
/// in it, and only then takes the next step. So the order of the steps is the order of their effects.
/// </summary>
public abstract record DeviceStep;

/// <summary>A step with one answer.</summary>
public abstract record DeviceStep<TAnswer> : DeviceStep
{
    private (TAnswer Value, bool IsThere) _answer;

    /// <summary>The answer.</summary>
    /// <exception cref="InvalidOperationException">The step has no answer yet.</exception>
    public TAnswer Answer
    {
        get => _answer.IsThere ? _answer.Value : throw new InvalidOperationException($"The step {GetType().Name} was not performed.");
        set => _answer = (value, true);
    }
}

/// <summary>
/// Reads the rows of a device's sessions around a time: those that end or begin within the idle timeout of it, and
/// their neighbours.
/// </summary>
public sealed record ReadSessions(UserDeviceKey Device, DateTimeOffset Time, TimeSpan IdleTimeout)
    : DeviceStep<IReadOnlyList<SessionCheckpoint>>;

/// <summary>
/// Reads the standings of sessions. The answers are in the same order; null for a session that does not
/// exist.
/// </summary>
public sealed record ReadStandings(IReadOnlyList<StandingRequest> Sessions) : DeviceStep<IReadOnlyList<SessionStanding?>>;

/// <summary>A request for a session's standing.</summary>
/// <param name="SessionId">The session.</param>
/// <param name="Number">
/// The journal number in the session's row. A session whose memory is older than that loads again.
/// </param>
public readonly record struct StandingRequest(Guid SessionId, int Number);

/// <summary>Checks whether a session has an event.</summary>
public sealed record CheckTaken(Guid SessionId, PlacedEvent Placed) : DeviceStep<bool>;

/// <summary>Writes the device's reminder. The answer is its version.</summary>
public sealed record RegisterReminder(DateTimeOffset Due) : DeviceStep<int>;

/// <summary>
/// Tells devices that they will get a session, so that they register their reminders. The answer is false when persons
/// were erased after the generation with which the events were checked.
/// </summary>
public sealed record ExpectSession(IReadOnlyList<UserDeviceKey> Devices, long ErasureGeneration) : DeviceStep<bool>;

/// <summary>Sends events to their sessions in parallel. Each batch gets its session's answer.</summary>
/// <param name="Batches">The events by session.</param>
/// <param name="ReceivedAt">When the device received them.</param>
/// <param name="IsExpected">Whether the owner, another device, was told to expect that its session goes on.</param>
public sealed record AppendEvents(IReadOnlyList<SessionBatch> Batches, DateTimeOffset ReceivedAt, bool IsExpected) : DeviceStep;

/// <summary>Ends sessions in parallel. Each end gets its session's answer.</summary>
public sealed record EndSessions(IReadOnlyList<SessionEnd> Ends) : DeviceStep;

/// <summary>The end of one session.</summary>
/// <param name="SessionId">The session.</param>
/// <param name="Reason">Why it ends.</param>
/// <param name="ClosedAt">
/// The time from which the device's events belong to another session; null ends the session only if it is idle.
/// </param>
/// <param name="Reminder">The version of the reminder that the same commit removes; null leaves the reminder.</param>
public sealed record SessionEnd(Guid SessionId, EndReason Reason, DateTimeOffset? ClosedAt, int? Reminder = null)
{
    private EndVerdict? _verdict;

    internal EndVerdict Verdict => _verdict ?? throw new InvalidOperationException("The end was not performed.");

    internal SessionStanding? Standing { get; private set; }

    /// <summary>Sets the session's answer.</summary>
    public void Take(EndVerdict verdict, SessionStanding? standing) => (_verdict, Standing) = (verdict, standing);
}

/// <summary>Hands a session over to another device.</summary>
public sealed record HandOverSession(UserDeviceKey Heir, SessionStanding Standing) : DeviceStep;

/// <summary>Sets the device's timer. Replaces a timer that was set before.</summary>
public sealed record SetTimer(DateTimeOffset At) : DeviceStep;

/// <summary>Removes the reminder and deactivates the device, because no session is live.</summary>
/// <param name="Reminder">The version of the reminder; null when there is none. A newer version stays.</param>
/// <param name="IsForced">
/// Whether the call fails when the reminder can't be removed, and the device must be opened again. If false, the
/// reminder's next tick removes it.
/// </param>
public sealed record StandDown(int? Reminder, bool IsForced) : DeviceStep;
