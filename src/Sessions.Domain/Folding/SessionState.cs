using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace Sessions.Domain;

/// <summary>
/// A session as the fold of its journal up to <see cref="Number"/>. All but status, owner and idleness is the same
/// for every order of the events.
/// </summary>
public sealed record SessionState
{
    /// <summary>The last journal number folded in; also the session's version.</summary>
    public required int Number { get; init; }

    /// <summary>The device with the best claim to the session (<see cref="UserDeviceKey.Device"/>); only it may end it.</summary>
    public required string Owner { get; init; }

    /// <summary>Whether the owner has a device id of its own (a client), not only a distinct id (maybe a backend).</summary>
    public required bool OwnerIsClient { get; init; }

    /// <summary>Whether any event named this session: then it is the client's, else the server made it.</summary>
    public bool ClientMade { get; init; }

    /// <summary>The id of the device of the earliest event that has one.</summary>
    public Dated<string>? DeviceId { get; init; }

    public required DateTimeOffset Start { get; init; }
    public required DateTimeOffset End { get; init; }

    /// <summary>Server time of the last timely event: the idle clock.</summary>
    public required DateTimeOffset LastActivityAt { get; init; }

    /// <summary>The client's own idle timeout, when it says one; of several the longest.</summary>
    public TimeSpan? IdleTimeout { get; init; }

    public required SessionStatus Status { get; init; }
    public EndReason? EndReason { get; init; }

    /// <summary>After a reset: no later event joins without naming the session.</summary>
    public DateTimeOffset? ClosedAt { get; init; }

    /// <summary>The identified person, once there is one.</summary>
    public Dated<string>? IdentifiedAs { get; init; }

    public required Dated<string> DistinctId { get; init; }
    public required StartPage Entry { get; init; }
    public required ExitPage Exit { get; init; }
    public int EventCount { get; init; }
    public int PageviewCount { get; init; }
    public int ScreenCount { get; init; }
    public int AutocaptureCount { get; init; }

    /// <summary>Hashes of the distinct URLs of pageviews and screens, and of the names of screens without one, sorted.</summary>
    public ImmutableArray<ulong> UrlHashes { get; init; } = [];

    public Dated<string>? LastExternalClickUrl { get; init; }
    public Dated<string>? DeviceType { get; init; }
    public Dated<string>? Browser { get; init; }
    public Dated<string>? Os { get; init; }

    /// <summary>The country of the earliest event that tells one.</summary>
    public Dated<string>? Country { get; init; }

    /// <summary>What was recorded of it; null when nothing was, or it was forgotten.</summary>
    public ReplayState? Replay { get; init; }

    /// <summary>All replay blocks ever taken, also those that were forgotten.</summary>
    public int ReplayBlockCount { get; init; }

    /// <summary>What the owner's ownership rests on.</summary>
    [JsonIgnore]
    public Claim Claim => OwnerIsClient ? Claim.Client : EventCount > 0 ? Claim.Spoken : Claim.Recorded;
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

/// <summary>The session's start page: its earliest pageview or screen, or with none its earliest event.</summary>
/// <param name="Shows">Whether it is a pageview, a screen, or neither.</param>
/// <param name="At">The event's place.</param>
/// <param name="Facts">What the event says: entry properties, ad ids and channel all come from here.</param>
public sealed record StartPage(Shows Shows, EventOrder At, EventFacts Facts)
{
    /// <summary>The page as it is told.</summary>
    [JsonIgnore]
    public ShownPage Page => ShownPage.Of(Shows, Facts);
}

/// <summary>The session's exit page: its latest pageview or screen, or with none its latest event.</summary>
/// <param name="At">The event's place.</param>
/// <param name="Page">The page as it is told.</param>
public sealed record ExitPage(EventOrder At, ShownPage Page);
