using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Sessions.Domain.Events;

namespace Sessions.Domain.Folding;

/// <summary>
/// A session's state: the fold of its journal up to <see cref="Number"/>. Everything except status, owner and idleness
/// is independent of the order in which the events arrived.
/// </summary>
public sealed record SessionState
{
    /// <summary>The number of the last folded journal entry; also the session's version.</summary>
    public required int Number { get; init; }

    /// <summary>The device with the best claim to the session (<see cref="UserDeviceKey.Device"/>); only it may end it.</summary>
    public required string Owner { get; init; }

    /// <summary>Whether the owner has a device id of its own (a client), not only a distinct id (maybe a backend).</summary>
    public required bool OwnerIsClient { get; init; }

    /// <summary>Whether any event named this session. If not, the server made it.</summary>
    public bool ClientMade { get; init; }

    /// <summary>The id of the device of the earliest event that has one.</summary>
    public Dated<string>? DeviceId { get; init; }

    /// <summary>The time of the earliest event.</summary>
    public required DateTimeOffset Start { get; init; }

    /// <summary>The time of the latest event.</summary>
    public required DateTimeOffset End { get; init; }

    /// <summary>Server time of the last timely event: the idle clock.</summary>
    public required DateTimeOffset LastActivityAt { get; init; }

    /// <summary>The client's own idle timeout, the longest if there are several; null when there is none.</summary>
    public TimeSpan? IdleTimeout { get; init; }

    /// <summary>Whether the session is live or ended.</summary>
    public required SessionStatus Status { get; init; }

    /// <summary>Why the session ended; null while it is live.</summary>
    public EndReason? EndReason { get; init; }

    /// <summary>
    /// The time of a reset: later events don't join the session unless they name it. Null without a reset.
    /// </summary>
    public DateTimeOffset? ClosedAt { get; init; }

    /// <summary>The identified person; null while there is none.</summary>
    public Dated<string>? IdentifiedAs { get; init; }

    /// <summary>The session's person.</summary>
    public required Dated<string> DistinctId { get; init; }

    /// <summary>The start page.</summary>
    public required StartPage Entry { get; init; }

    /// <summary>The exit page.</summary>
    public required ExitPage Exit { get; init; }

    /// <summary>The number of events.</summary>
    public int EventCount { get; init; }

    /// <summary>The number of pageviews.</summary>
    public int PageviewCount { get; init; }

    /// <summary>The number of screens.</summary>
    public int ScreenCount { get; init; }

    /// <summary>The number of autocapture events.</summary>
    public int AutocaptureCount { get; init; }

    /// <summary>The number of rage clicks.</summary>
    public int RageClickCount { get; init; }

    /// <summary>The number of dead clicks.</summary>
    public int DeadClickCount { get; init; }

    /// <summary>Hashes of the distinct URLs of pageviews and screens, and of the names of screens without one, sorted.</summary>
    public ImmutableArray<ulong> UrlHashes { get; init; } = [];

    /// <summary>The names of the events, in the order of each name's earliest event: see <see cref="FirstNames"/>.</summary>
    [JsonConverter(typeof(FirstNamesConverter))]
    public ImmutableArray<Dated<string>> EventNames { get; init; } = [];

    /// <summary>The URL of the latest click that left the site.</summary>
    public Dated<string>? LastExternalClickUrl { get; init; }

    /// <summary>The device type of the earliest event that has one.</summary>
    public Dated<string>? DeviceType { get; init; }

    /// <summary>The browser of the earliest event that has one.</summary>
    public Dated<string>? Browser { get; init; }

    /// <summary>The operating system of the earliest event that has one.</summary>
    public Dated<string>? Os { get; init; }

    /// <summary>The country of the earliest event that has one.</summary>
    public Dated<string>? Country { get; init; }

    /// <summary>The session's replay; null when there is none or it was removed.</summary>
    public ReplayState? Replay { get; init; }

    /// <summary>The number of all replay blocks ever taken, including removed ones.</summary>
    public int ReplayBlockCount { get; init; }

    /// <summary>The owner's claim.</summary>
    [JsonIgnore]
    public Claim Claim => OwnerIsClient ? Claim.Client : EventCount > 0 ? Claim.Named : Claim.Recorded;

    /// <summary>Whether another state of the session has the same owner, and is live or has ended for the same reason.</summary>
    public bool StandsAs(SessionState other) =>
        (Owner, Status, EndReason) == (other.Owner, other.Status, other.EndReason);
}

/// <summary>A place in the order of events: by time, then by the sender's order, then by event id.</summary>
/// <param name="Time">The event's time.</param>
/// <param name="SenderOrder">The event's place among its sender's events: <see cref="SessionEvent.SenderOrder"/>.</param>
/// <param name="EventId">The event's id.</param>
public readonly record struct EventOrder(DateTimeOffset Time, long SenderOrder, Guid EventId) : IComparable<EventOrder>
{
    public int CompareTo(EventOrder other)
    {
        int byTime = Time.CompareTo(other.Time);
        if (byTime != 0)
        {
            return byTime;
        }

        int bySender = SenderOrder.CompareTo(other.SenderOrder);
        return bySender != 0 ? bySender : EventId.CompareTo(other.EventId);
    }

    public static bool operator <(EventOrder left, EventOrder right) => left.CompareTo(right) < 0;

    public static bool operator >(EventOrder left, EventOrder right) => left.CompareTo(right) > 0;

    public static bool operator <=(EventOrder left, EventOrder right) => left.CompareTo(right) <= 0;

    public static bool operator >=(EventOrder left, EventOrder right) => left.CompareTo(right) >= 0;
}

/// <summary>A value with the place of the event it comes from.</summary>
public sealed record Dated<T>(T Value, EventOrder At);

/// <summary>The session's start page: its earliest pageview or screen; if there is none, its earliest event.</summary>
/// <param name="Shows">Whether it is a pageview, a screen, or neither.</param>
/// <param name="At">The event's place.</param>
/// <param name="Facts">The event's facts. Entry properties, ad ids and the channel all come from here.</param>
public sealed record StartPage(Shows Shows, EventOrder At, EventFacts Facts)
{
    /// <summary>The page as sessions show it.</summary>
    [JsonIgnore]
    public ShownPage Page => ShownPage.Of(Shows, Facts);
}

/// <summary>The session's exit page: its latest pageview or screen; if there is none, its latest event.</summary>
/// <param name="At">The event's place.</param>
/// <param name="Page">The page as sessions show it.</param>
public sealed record ExitPage(EventOrder At, ShownPage Page);
