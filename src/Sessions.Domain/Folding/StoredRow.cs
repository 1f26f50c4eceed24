using Sessions.Domain.Events;

namespace Sessions.Domain.Folding;

/// <summary>The columns of a session's row from which the session goes on when neither its state nor its journal can be read.</summary>
/// <param name="Number">The number of the last entry in the row.</param>
/// <param name="Owner">The owning device.</param>
/// <param name="Start">The time of the earliest event.</param>
/// <param name="End">The time of the latest event.</param>
/// <param name="EndReason">Why the session ended; null while it is live.</param>
/// <param name="DistinctId">The session's person.</param>
/// <param name="DeviceId">The device's own id, when it has one.</param>
public sealed record StoredRow(
    int Number, string Owner, DateTimeOffset Start, DateTimeOffset End, EndReason? EndReason, string DistinctId, string? DeviceId)
{
    /// <summary>
    /// A state with the row's times and person, and without events: those can't be read. Its owner can end it, and it takes
    /// new events.
    /// </summary>
    /// <param name="number">The last number that is taken in the journal.</param>
    public SessionState ToState(int number)
    {
        EventOrder at = new(Start, 0, Guid.Empty);
        return new SessionState
        {
            Number = number,
            Owner = Owner,
            OwnerIsClient = !string.IsNullOrEmpty(DeviceId),
            DeviceId = string.IsNullOrEmpty(DeviceId) ? null : new Dated<string>(DeviceId, at),
            Start = Start,
            End = End,
            LastActivityAt = End,
            Status = EndReason is null ? SessionStatus.Live : SessionStatus.Ended,
            EndReason = EndReason,
            DistinctId = new Dated<string>(DistinctId, at),
            Entry = new StartPage(Shows.Nothing, at, EventFacts.None),
            Exit = new ExitPage(at, default),
        };
    }
}
