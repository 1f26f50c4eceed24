using System.Collections.Immutable;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Sessions.Domain.Events;
using Sessions.Domain.Replay;

namespace Sessions.Domain.Folding;

/// <summary>The fold: computes a session's state with one more journal entry.</summary>
public static class SessionFold
{
    // Raise it when the fold's meaning or stored form changes.
    private const int Version = 9;

    /// <summary>
    /// The version of checkpoints. A checkpoint of another version is not read: its session is folded again from the
    /// journal. Adding a text of the start page changes the version too.
    /// </summary>
    public static short FoldVersion { get; } = checked((short)(Version + StartPageTexts.Names.Count));

    /// <summary>The most distinct pages and screens that a session counts, to limit the memory.</summary>
    public const int MaxUrls = 5_000;

    /// <summary>Folds an entry into the state.</summary>
    /// <param name="state">The session so far; null before its first entry.</param>
    /// <param name="entry">The next entry.</param>
    /// <param name="facts">The facts of the entry's properties.</param>
    /// <param name="rules">The project's rules.</param>
    /// <exception cref="InvalidOperationException">
    /// The session's first entry is not an event or a replay block.
    /// </exception>
    public static SessionState Apply(SessionState? state, JournalEntry entry, EventFacts facts, SessionRules rules)
    {
        if (entry.Kind == EntryKind.End)
        {
            return End(state ?? throw new InvalidOperationException("A session's first entry is an end."), entry);
        }

        if (entry.Kind == EntryKind.ReplayForgotten)
        {
            return state is null
                ? throw new InvalidOperationException("A session's first entry forgets its replay.")
                : state with { Number = entry.Number, Replay = null };
        }

        if (entry.Kind == EntryKind.PersonForgotten)
        {
            return state is null
                ? throw new InvalidOperationException("A session's first entry forgets a person.")
                : state with { Number = entry.Number, Replay = state.Replay?.WithoutClicks() };
        }

        if (entry.Kind == EntryKind.ReplayClicks)
        {
            return state is null
                ? throw new InvalidOperationException("A session's first entry is of clicks in its replay.")
                : state with { Number = entry.Number, Replay = state.Replay?.WithClicks(entry) };
        }

        SessionState before = state ?? Opened(entry, facts, rules);
        return entry.Kind == EntryKind.Replay ? Recorded(before, entry, rules) : Next(before, entry, facts, rules);
    }

    /// <summary>The idle timeout that holds for a session: the client's, else the project's.</summary>
    public static TimeSpan IdleTimeoutOf(SessionState state, SessionRules rules) => state.IdleTimeout ?? rules.IdleTimeout;

    /// <summary>
    /// Whether an event is timely: it arrives within the idle timeout of its own time. Only timely events are activity.
    /// </summary>
    public static bool IsTimely(DateTimeOffset time, DateTimeOffset receivedAt, TimeSpan idleTimeout) =>
        receivedAt - time <= idleTimeout;

    /// <summary>
    /// The longer of two idle timeouts. If clients send several in one session, the longest applies, whatever their
    /// order is.
    /// </summary>
    public static TimeSpan? Longer(TimeSpan? one, TimeSpan? other) => one is null || other > one ? other : one;

    /// <summary>
    /// Whether the entry hands the session over: it is an <c>$identify</c> that an anonymous device took, so the
    /// session moves to the device of the identified person. A client with a device id stays the same device. An event
    /// with a generic id hands nothing over: everyone who sends that id would share the session.
    /// </summary>
    public static bool HandsOver(JournalEntry entry) =>
        entry.Name == EventNames.Identify
        && string.IsNullOrEmpty(entry.DeviceId)
        && entry.Device != UserDeviceKey.DeviceOf(entry.DistinctId)
        && !PersonIds.NamesNobody(entry.DistinctId)
        && !PersonIds.NamesNobody(entry.Device);

    /// <summary>The claim that an event or snapshot gives its device.</summary>
    /// <param name="deviceId">The device id of the event or snapshot.</param>
    /// <param name="isReplay">Whether it is a snapshot.</param>
    public static Claim ClaimOf(string? deviceId, bool isReplay) =>
        !string.IsNullOrEmpty(deviceId) ? Claim.Client : isReplay ? Claim.Recorded : Claim.Named;

    /// <summary>A session before its first entry is folded into it.</summary>
    private static SessionState Opened(JournalEntry entry, EventFacts facts, SessionRules rules)
    {
        EventOrder at = entry.At;
        Shows shows = EventNames.ShownBy(entry.Name);
        SessionTimes times = SessionTimes.Opened(ArrivalOf(entry, facts), rules.IdleTimeout);
        return new SessionState
        {
            Number = 0,
            Owner = entry.Device,
            OwnerIsClient = times.Claim == Claim.Client,
            Start = times.Start,
            End = times.End,
            LastActivityAt = times.LastActivityAt,
            Status = times.Status,
            EndReason = times.EndReason,
            DistinctId = new Dated<string>(entry.DistinctId, at),
            Entry = new StartPage(shows, at, facts),
            Exit = new ExitPage(at, ShownPage.Of(shows, facts)),
        };
    }

    private static Arrival ArrivalOf(JournalEntry entry, EventFacts facts) => Arrival.Of(
        entry.At,
        entry.ReceivedAt,
        named: entry.Kind is EntryKind.NamedEvent,
        isReplay: entry.Kind == EntryKind.Replay,
        entry.Name,
        entry.DistinctId,
        entry.DeviceId,
        facts);

    /// <summary>
    /// Folds a replay block. A block is activity and has a time and a person, but it is not an event: it does not
    /// change pages and counts, and an event's person has priority over a block's.
    /// </summary>
    private static SessionState Recorded(SessionState state, JournalEntry entry, SessionRules rules)
    {
        SessionState active = Next(state, entry, EventFacts.None, rules);
        // The summary was valid when it was taken. If it can't be read now, it adds nothing.
        return ReplaySummary.TryRead(entry.Properties.Span, out ReplaySummary? block)
            ? active with { Replay = ReplayState.With(state.Replay, block, entry) }
            : active;
    }

    /// <summary>
    /// Folds an event. It copies the state only once, because it runs for every event, most often when a session is
    /// loaded.
    /// </summary>
    private static SessionState Next(SessionState state, JournalEntry entry, EventFacts facts, SessionRules rules)
    {
        EventOrder at = entry.At;
        bool isEvent = entry.Kind != EntryKind.Replay;
        string? name = isEvent ? entry.Name : null;
        ShownPage page = ShownPage.Of(EventNames.ShownBy(name), facts);
        // Before the first event there may be only replay blocks, which have no pages, and whose person has a lower
        // priority.
        bool isFirst = state.EventCount == 0;
        Arrival arrival = ArrivalOf(entry, facts);
        SessionTimes times = SessionTimes.Of(state).With(arrival, rules.IdleTimeout);
        return state with
        {
            Number = entry.Number,
            Owner = OwnerAfter(state, entry, arrival.Claim),
            OwnerIsClient = times.Claim == Claim.Client,
            ClientMade = times.ClientMade,
            DeviceId = string.IsNullOrEmpty(entry.DeviceId) ? state.DeviceId : Earliest(state.DeviceId, entry.DeviceId, at),
            Start = times.Start,
            End = times.End,
            LastActivityAt = times.LastActivityAt,
            IdleTimeout = times.ClientTimeout,
            Status = times.Status,
            EndReason = times.EndReason,
            IdentifiedAs = Earliest(state.IdentifiedAs, arrival.IdentifiedAs, at),
            DistinctId = isEvent || isFirst
                ? WithPerson(isEvent && isFirst ? null : state.DistinctId, entry.DistinctId, at)
                : state.DistinctId,
            Entry = isEvent && (isFirst || IsEarlierPage(page.Shows, at, state.Entry))
                ? new StartPage(page.Shows, at, facts)
                : state.Entry,
            Exit = isEvent && (isFirst || IsLaterPage(page.Shows, at, state.Exit)) ? new ExitPage(at, page) : state.Exit,
            EventCount = state.EventCount + (isEvent ? 1 : 0),
            ReplayBlockCount = state.ReplayBlockCount + (isEvent ? 0 : 1),
            PageviewCount = state.PageviewCount + (name == EventNames.Pageview ? 1 : 0),
            ScreenCount = state.ScreenCount + (name == EventNames.Screen ? 1 : 0),
            AutocaptureCount = state.AutocaptureCount + (name == EventNames.Autocapture ? 1 : 0),
            RageClickCount = state.RageClickCount + (name == EventNames.RageClick ? 1 : 0),
            DeadClickCount = state.DeadClickCount + (name == EventNames.DeadClick ? 1 : 0),
            UrlHashes = page.Shows == Shows.Nothing ? state.UrlHashes : WithPage(state.UrlHashes, page.Identity),
            EventNames = isEvent ? FirstNames.With(state.EventNames, entry.Name, at) : state.EventNames,
            LastExternalClickUrl = Latest(state.LastExternalClickUrl, facts.ExternalClickUrl, at),
            DeviceType = Earliest(state.DeviceType, facts.DeviceType, at),
            Browser = Earliest(state.Browser, facts.Browser, at),
            Os = Earliest(state.Os, facts.Os, at),
            Country = Earliest(state.Country, facts.Country, at),
        };
    }

    /// <summary>
    /// The owner after an entry. A backend that named a browser's session before the browser's first event loses the
    /// session to the browser. A device that owns a session with only recordings loses it to the device of any event.
    /// </summary>
    private static string OwnerAfter(SessionState state, JournalEntry entry, Claim claim)
    {
        string owner = claim > state.Claim ? entry.Device : state.Owner;
        return HandsOver(entry) && !state.OwnerIsClient && entry.Device == owner
            ? UserDeviceKey.DeviceOf(entry.DistinctId)
            : owner;
    }

    private static SessionState End(SessionState state, JournalEntry entry)
    {
        EndReason reason = Words.ParseEndReason(entry.Name);
        return state with
        {
            Number = entry.Number,
            Status = SessionStatus.Ended,
            EndReason = reason,
            // Only a reset needs this. All other ends follow from the sessions' times, lengths, persons and successors.
            ClosedAt = reason is Sessions.EndReason.Reset ? entry.Time : state.ClosedAt,
        };
    }

    /// <summary>
    /// The identified person of an event; null for an anonymous event. As in PostHog, an <c>$identify</c> or an event
    /// with <c>$is_identified</c> names an identified person.
    /// </summary>
    public static string? PersonOf(string name, string distinctId, EventFacts facts) =>
        (facts.IsIdentified || name == EventNames.Identify) && !PersonIds.NamesNobody(distinctId) ? distinctId : null;

    /// <summary>
    /// The session's person: the latest distinct id. A generic id counts only while there is no other.
    /// </summary>
    private static Dated<string> WithPerson(Dated<string>? known, string distinctId, EventOrder at)
    {
        if (known is null)
        {
            return new Dated<string>(distinctId, at);
        }

        // Nearly always the id is the same as before.
        bool isOfSameRank = known.Value == distinctId
            || PersonIds.NamesNobody(known.Value) == PersonIds.NamesNobody(distinctId);
        bool replaces = isOfSameRank ? at > known.At : PersonIds.NamesNobody(known.Value);
        return replaces ? new Dated<string>(distinctId, at) : known;
    }

    private static bool IsEarlierPage(Shows shows, EventOrder at, StartPage than) =>
        IsAlike(shows, than.Shows) ? at < than.At : shows != Shows.Nothing;

    private static bool IsLaterPage(Shows shows, EventOrder at, ExitPage than) =>
        IsAlike(shows, than.Page.Shows) ? at > than.At : shows != Shows.Nothing;

    /// <summary>
    /// Whether two events have the same priority as a start or exit page: pages and screens have priority over other
    /// events.
    /// </summary>
    private static bool IsAlike(Shows one, Shows other) => (one == Shows.Nothing) == (other == Shows.Nothing);

    internal static Dated<string>? Earliest(Dated<string>? known, string? value, EventOrder at) =>
        value is not null && IsEarlier(at, known?.At) ? new Dated<string>(value, at) : known;

    /// <summary>Whether an event comes before the known one; true when none is known.</summary>
    internal static bool IsEarlier(EventOrder at, EventOrder? known) => known is null || at < known;

    private static Dated<string>? Latest(Dated<string>? known, string? value, EventOrder at) =>
        value is not null && (known is null || at > known.At) ? new Dated<string>(value, at) : known;

    private static ImmutableArray<ulong> WithPage(ImmutableArray<ulong> hashes, string? identity)
    {
        if (identity is null || hashes.Length >= MaxUrls)
        {
            return hashes;
        }

        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        TextHash.Of(identity, digest);
        ulong hash = MemoryMarshal.Read<ulong>(digest);
        int index = hashes.BinarySearch(hash);
        return index >= 0 ? hashes : hashes.Insert(~index, hash);
    }
}
