using Sessions.Domain.Events;

namespace Sessions.Domain.Folding;

/// <summary>The values of an event that decide its own session and that of later events.</summary>
/// <param name="At">Its place in the order of events.</param>
/// <param name="ReceivedAt">Server time at receipt; only idleness depends on it.</param>
/// <param name="Named">Whether the event names its session itself.</param>
/// <param name="IdentifiedAs">The person an identified event names; null for an anonymous event.</param>
/// <param name="IdleTimeout">The client's own idle timeout, when it says one.</param>
/// <param name="Claim">The claim of the event's device to the session.</param>
public readonly record struct Arrival(
    EventOrder At, DateTimeOffset ReceivedAt, bool Named, string? IdentifiedAs, TimeSpan? IdleTimeout, Claim Claim)
{
    /// <summary>Makes the arrival of an event or a snapshot. A snapshot names its session but no person.</summary>
    public static Arrival Of(
        EventOrder at,
        DateTimeOffset receivedAt,
        bool named,
        bool isReplay,
        string name,
        string distinctId,
        string? deviceId,
        EventFacts facts) => new(
        at,
        receivedAt,
        named || isReplay,
        isReplay ? null : SessionFold.PersonOf(name, distinctId, facts),
        isReplay ? null : facts.IdleTimeout,
        SessionFold.ClaimOf(deviceId, isReplay));
}
