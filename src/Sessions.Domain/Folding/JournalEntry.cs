using Sessions.Domain.Replay.Clicks;

namespace Sessions.Domain.Folding;

/// <summary>The kind of a journal entry. The numbers are stored.</summary>
public enum EntryKind
{
    /// <summary>An entry whose columns can't be read; its name says why. Never stored.</summary>
    Unreadable = -1,

    /// <summary>An event that names this session itself.</summary>
    NamedEvent = 0,

    /// <summary>An event that the server placed here.</summary>
    PlacedEvent = 1,

    /// <summary>An end of the session.</summary>
    End = 2,

    /// <summary>The summary of a replay block.</summary>
    Replay = 3,

    /// <summary>All replay blocks so far are removed.</summary>
    ReplayForgotten = 4,

    /// <summary>
    /// Earlier entries were erased with their person. A session that lost all of its entries begins again after this
    /// one.
    /// </summary>
    PersonForgotten = 5,

    /// <summary>The rage and dead clicks that were found in the replay up to one of its blocks.</summary>
    ReplayClicks = 6,
}

/// <summary>One entry of a session's journal.</summary>
/// <param name="Number">The entry's number: 1 for the session's first entry, without gaps.</param>
/// <param name="Kind">The kind of the entry.</param>
/// <param name="EventId">The event's id; empty for an end.</param>
/// <param name="Time">The event's time. For a reset: later events don't join the session unless they name it.</param>
/// <param name="ReceivedAt">Server time at receipt; only idleness depends on it.</param>
/// <param name="Name">The event's name; for an end, the reason's word.</param>
/// <param name="Device">The device that took the event: <see cref="UserDeviceKey.Device"/>; empty for an end.</param>
/// <param name="DistinctId">The event's distinct id; empty for an end.</param>
/// <param name="DeviceId">The device's own id, when it has one.</param>
/// <param name="WindowId">The event's window.</param>
/// <param name="Properties">
/// The event's properties, a JSON object as UTF-8, or empty; for a replay block, its summary; for clicks, what was found.
/// </param>
/// <param name="SenderOrder">
/// The event's place among its sender's events; it orders events with the same time.
/// </param>
public sealed record JournalEntry(
    int Number,
    EntryKind Kind,
    Guid EventId,
    DateTimeOffset Time,
    DateTimeOffset ReceivedAt,
    string Name,
    string Device,
    string DistinctId,
    string? DeviceId,
    string? WindowId,
    ReadOnlyMemory<byte> Properties,
    long SenderOrder = 0)
{
    /// <summary>Its place in the order of the session's events.</summary>
    public EventOrder At => new(Time, SenderOrder, EventId);

    /// <summary>
    /// The event's time by the client's own clock; null when the client sent no time, and for entries that are not
    /// events.
    /// </summary>
    public DateTimeOffset? ClientTime { get; init; }

    /// <summary>Makes the entry that removes the replay so far.</summary>
    public static JournalEntry OfForgottenReplay(int number, DateTimeOffset now) =>
        new(number, EntryKind.ReplayForgotten, Guid.Empty, now, now, "", "", "", null, null, default);

    /// <summary>Makes the entry of the rage and dead clicks in the replay.</summary>
    public static JournalEntry OfReplayClicks(int number, ReplayClicks clicks, DateTimeOffset now) =>
        new(number, EntryKind.ReplayClicks, Guid.Empty, now, now, "", "", "", null, null, clicks.Write());

    /// <summary>Makes an entry of which only the number can be read.</summary>
    public static JournalEntry OfUnreadable(int number, string fault) =>
        new(number, EntryKind.Unreadable, Guid.Empty, default, default, fault, "", "", null, null, default);

    /// <summary>Makes the entry of an end.</summary>
    public static JournalEntry OfEnd(int number, EndReason reason, DateTimeOffset time, DateTimeOffset now) =>
        new(number, EntryKind.End, Guid.Empty, time, now, reason.ToWord(), "", "", null, null, default);
}
