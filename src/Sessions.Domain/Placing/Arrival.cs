namespace Sessions.Domain;

/// <summary>What an event brings with it that decides where it and the events after it go.</summary>
/// <param name="At">Its place in the order of events.</param>
/// <param name="ReceivedAt">Server time at receipt; it decides idleness only.</param>
/// <param name="Named">Whether it names its session itself.</param>
/// <param name="IdentifiedAs">The person an identified event names; null for an anonymous event.</param>
/// <param name="IdleTimeout">The client's own idle timeout, when it says one.</param>
/// <param name="Claim">What its device can claim the session for.</param>
public readonly record struct Arrival(
    EventOrder At, DateTimeOffset ReceivedAt, bool Named, string? IdentifiedAs, TimeSpan? IdleTimeout, Claim Claim);
