namespace Sessions.Domain;

/// <summary>What a journal entry is. The numbers are stored.</summary>
public enum EntryKind
{
    /// <summary>An event that names this session itself.</summary>
    NamedEvent = 0,

    /// <summary>An event that the server placed here.</summary>
    PlacedEvent = 1,

    End = 2,

    /// <summary>The summary of a replay block.</summary>
    Replay = 3,

    /// <summary>All replay blocks taken so far are forgotten.</summary>
    ReplayForgotten = 4,

    /// <summary>Entries before it are gone, with the person who sent them. A session that lost all begins anew after it.</summary>
    PersonForgotten = 5,
}

/// <summary>One thing a session took, with the number under which it took it.</summary>
/// <param name="Number">1 for the session's first entry, dense.</param>
/// <param name="Kind">A kind of event, or an end.</param>
/// <param name="EventId">The event's id; empty for an end.</param>
/// <param name="Time">The event's time. Of a reset: nothing later joins the session without naming it.</param>
/// <param name="ReceivedAt">Server time at receipt; it decides idleness only.</param>
/// <param name="Name">The event's name. Of an end: the reason's word.</param>
/// <param name="Device">The device that took it: <see cref="UserDeviceKey.Device"/>; empty for an end.</param>
/// <param name="DistinctId">The event's distinct id; empty for an end.</param>
/// <param name="DeviceId">The device's own id, when it has one.</param>
/// <param name="WindowId">The event's window.</param>
/// <param name="Properties">The event's properties, a JSON object as UTF-8, or nothing. Of a replay block: its summary.</param>
/// <param name="SenderOrder">The event's place among its sender's events; it decides between events of one time.</param>
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

    /// <summary>When the event happened by its client's own clock; null when the client named no time, and for what is no event.</summary>
    public DateTimeOffset? ClientTime { get; init; }

    /// <summary>The replay is forgotten, up to this entry.</summary>
    public static JournalEntry OfForgottenReplay(int number, DateTimeOffset now) =>
        new(number, EntryKind.ReplayForgotten, Guid.Empty, now, now, "", "", "", null, null, default);

    /// <summary>An end of the session.</summary>
    public static JournalEntry OfEnd(int number, EndReason reason, DateTimeOffset time, DateTimeOffset now) =>
        new(number, EntryKind.End, Guid.Empty, time, now, reason.ToWord(), "", "", null, null, default);
}
