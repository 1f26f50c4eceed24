using System.Collections.Immutable;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Sessions.Domain.Replay;

namespace Sessions.Domain;

/// <summary>What a session becomes by taking one more journal entry.</summary>
public static class SessionFold
{
    /// <summary>Raised when the fold's meaning or stored form changes: older checkpoints are then folded anew.</summary>
    public const short FoldVersion = 6;

    /// <summary>The most distinct pages and screens a session counts; memory must stay bounded.</summary>
    public const int MaxUrls = 5_000;

    /// <summary>Takes an entry.</summary>
    /// <param name="state">The session so far; null before its first entry.</param>
    /// <param name="entry">The next entry.</param>
    /// <param name="facts">What the entry's properties say.</param>
    /// <param name="rules">The project's rules.</param>
    /// <exception cref="InvalidOperationException">The first entry takes none: nothing can end before it began.</exception>
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
                : state with { Number = entry.Number };
        }

        SessionState before = state ?? Opened(entry, facts, rules);
        return entry.Kind == EntryKind.Replay ? Recorded(before, entry, rules) : Next(before, entry, facts, rules);
    }

    /// <summary>The idle timeout that holds for a session: the client's, else the project's.</summary>
    public static TimeSpan IdleTimeoutOf(SessionState state, SessionRules rules) => state.IdleTimeout ?? rules.IdleTimeout;

    /// <summary>An event is timely when it arrives within the idle timeout of its own time: only such an event is activity.</summary>
    public static bool IsTimely(DateTimeOffset time, DateTimeOffset receivedAt, TimeSpan idleTimeout) =>
        receivedAt - time <= idleTimeout;

    /// <summary>Of several idle timeouts that clients say in one session the longest holds, whatever came first.</summary>
    public static TimeSpan? Longer(TimeSpan? one, TimeSpan? other) => one is null || other > one ? other : one;

    /// <summary>
    /// Whether the entry is an <c>$identify</c> that an anonymous device took: the session goes on as the device of
    /// who was identified. A client with a device id stays the same device, and where an id names nobody nothing is
    /// handed over: everybody who sent it would share the session.
    /// </summary>
    public static bool HandsOver(JournalEntry entry) =>
        entry.Name == EventNames.Identify
        && string.IsNullOrEmpty(entry.DeviceId)
        && entry.Device != UserDeviceKey.DeviceOf(entry.DistinctId)
        && !PersonIds.NamesNobody(entry.DistinctId)
        && !PersonIds.NamesNobody(entry.Device);

    /// <summary>What a device can claim a session for by an event or snapshot.</summary>
    /// <param name="deviceId">The device id that it carries.</param>
    /// <param name="isReplay">Whether it is a snapshot.</param>
    public static Claim ClaimOf(string? deviceId, bool isReplay) =>
        !string.IsNullOrEmpty(deviceId) ? Claim.Client : isReplay ? Claim.Recorded : Claim.Spoken;

    /// <summary>A session at its first entry, which is still to be taken.</summary>
    private static SessionState Opened(JournalEntry entry, EventFacts facts, SessionRules rules)
    {
        EventOrder at = entry.At;
        Shows shows = EventNames.ShownBy(entry.Name);
        bool timely = IsTimely(entry.Time, entry.ReceivedAt, facts.IdleTimeout ?? rules.IdleTimeout);
        return new SessionState
        {
            Number = 0,
            Owner = entry.Device,
            OwnerIsClient = !string.IsNullOrEmpty(entry.DeviceId),
            Start = entry.Time,
            End = entry.Time,
            LastActivityAt = timely ? entry.ReceivedAt : entry.Time,
            // One that opens in the past is born ended; a timely event makes it live.
            Status = timely ? SessionStatus.Live : SessionStatus.Ended,
            EndReason = timely ? null : Sessions.EndReason.Idle,
            DistinctId = new Dated<string>(entry.DistinctId, at),
            Entry = new StartPage(shows, at, facts),
            Exit = new ExitPage(at, ShownPage.Of(shows, facts)),
        };
    }

    /// <summary>
    /// A replay block is activity and has a time and a person, but it is no event: pages and counts are not its
    /// business, and whose session it is an event knows better.
    /// </summary>
    private static SessionState Recorded(SessionState state, JournalEntry entry, SessionRules rules)
    {
        SessionState active = Next(state, entry, EventFacts.None, rules);
        // What was taken was readable then; a summary that can't be read now adds nothing.
        return ReplaySummary.TryRead(entry.Properties.Span, out ReplaySummary? block)
            ? active with { Replay = ReplayState.With(state.Replay, block, entry.At) }
            : active;
    }

    /// <summary>One copy of the state for each entry: this is done for every event, most of all when a session is read.</summary>
    private static SessionState Next(SessionState state, JournalEntry entry, EventFacts facts, SessionRules rules)
    {
        EventOrder at = entry.At;
        bool isEvent = entry.Kind != EntryKind.Replay;
        string? name = isEvent ? entry.Name : null;
        ShownPage page = ShownPage.Of(EventNames.ShownBy(name), facts);
        // Before the first event only replay blocks may have been there, which say nothing of pages and less of persons.
        bool isFirst = state.EventCount == 0;
        bool isClient = !string.IsNullOrEmpty(entry.DeviceId);
        TimeSpan? idleTimeout = Longer(state.IdleTimeout, facts.IdleTimeout);
        bool timely = IsTimely(entry.Time, entry.ReceivedAt, idleTimeout ?? rules.IdleTimeout);
        // An idle end is provisional; all other ends are final.
        bool revives = timely && state is { Status: SessionStatus.Ended, EndReason: Sessions.EndReason.Idle };
        return state with
        {
            Number = entry.Number,
            Owner = OwnerAfter(state, entry),
            OwnerIsClient = state.OwnerIsClient || isClient,
            ClientMade = state.ClientMade || entry.Kind is EntryKind.NamedEvent or EntryKind.Replay,
            DeviceId = isClient ? Earliest(state.DeviceId, entry.DeviceId, at) : state.DeviceId,
            Start = entry.Time < state.Start ? entry.Time : state.Start,
            End = entry.Time > state.End ? entry.Time : state.End,
            LastActivityAt = timely && entry.ReceivedAt > state.LastActivityAt ? entry.ReceivedAt : state.LastActivityAt,
            IdleTimeout = idleTimeout,
            Status = revives ? SessionStatus.Live : state.Status,
            EndReason = revives ? null : state.EndReason,
            IdentifiedAs = name is not null
                ? Earliest(state.IdentifiedAs, PersonOf(name, entry.DistinctId, facts), at)
                : state.IdentifiedAs,
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
            UrlHashes = page.Shows == Shows.Nothing ? state.UrlHashes : WithPage(state.UrlHashes, page.Identity),
            LastExternalClickUrl = Latest(state.LastExternalClickUrl, facts.ExternalClickUrl, at),
            DeviceType = Earliest(state.DeviceType, facts.DeviceType, at),
            Browser = Earliest(state.Browser, facts.Browser, at),
            Os = Earliest(state.Os, facts.Os, at),
            Country = Earliest(state.Country, facts.Country, at),
        };
    }

    /// <summary>
    /// A backend that named a browser's session before the browser spoke gives way to it, and who keeps what was only
    /// recorded gives way to anybody's event.
    /// </summary>
    private static string OwnerAfter(SessionState state, JournalEntry entry)
    {
        string owner = ClaimOf(entry.DeviceId, entry.Kind == EntryKind.Replay) > state.Claim ? entry.Device : state.Owner;
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
            // All other ends show in the sessions themselves: their gaps, lengths, users and successors.
            ClosedAt = reason is Sessions.EndReason.Reset ? entry.Time : state.ClosedAt,
        };
    }

    /// <summary>
    /// The person that an event names as identified; null for an anonymous event. PostHog: another identified user is one
    /// that an <c>$identify</c> or an identified event names.
    /// </summary>
    public static string? PersonOf(string name, string distinctId, EventFacts facts) =>
        (facts.IsIdentified || name == EventNames.Identify) && !PersonIds.NamesNobody(distinctId) ? distinctId : null;

    /// <summary>Whose a session is: the latest id that it has, but one that names nobody only while there is no other.</summary>
    private static Dated<string> WithPerson(Dated<string>? known, string distinctId, EventOrder at)
    {
        if (known is null)
        {
            return new Dated<string>(distinctId, at);
        }

        // Nearly always it is the same id once more.
        bool isOfSameRank = known.Value == distinctId
            || PersonIds.NamesNobody(known.Value) == PersonIds.NamesNobody(distinctId);
        bool replaces = isOfSameRank ? at > known.At : PersonIds.NamesNobody(known.Value);
        return replaces ? new Dated<string>(distinctId, at) : known;
    }

    private static bool IsEarlierPage(Shows shows, EventOrder at, StartPage than) =>
        IsAlike(shows, than.Shows) ? at < than.At : shows != Shows.Nothing;

    private static bool IsLaterPage(Shows shows, EventOrder at, ExitPage than) =>
        IsAlike(shows, than.Page.Shows) ? at > than.At : shows != Shows.Nothing;

    /// <summary>Pages and screens count alike, and go before what is neither.</summary>
    private static bool IsAlike(Shows one, Shows other) => (one == Shows.Nothing) == (other == Shows.Nothing);

    internal static Dated<string>? Earliest(Dated<string>? known, string? value, EventOrder at) =>
        value is not null && (known is null || at < known.At) ? new Dated<string>(value, at) : known;

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
