namespace Sessions;

/// <summary>Something that happened on a device, as a backend or the gateway reports it.</summary>
[GenerateSerializer, Immutable, Alias("sessions.event")]
public sealed record SessionEvent
{
    /// <summary>
    /// The event's id. An event that is sent again with the same id counts once for its device. A different event with
    /// the same id (its name, person, time or properties differ) is kept too, and the server gives it another id.
    /// </summary>
    [Id(0)]
    public required Guid Id { get; init; }

    /// <summary>The event's name, such as <c>$pageview</c>; not blank, at most 200 characters, stored trimmed (<see cref="IdText"/>).</summary>
    [Id(1)]
    public required string Name { get; init; }

    /// <summary>
    /// When the event happened. The time decides which session the event belongs to, and where the session starts and
    /// ends. If it is null, the time at which the device's grain received the event is used.
    /// </summary>
    [Id(2)]
    public DateTimeOffset? Timestamp { get; init; }

    /// <summary>The person's id; not blank, at most 200 characters, stored trimmed (<see cref="IdText"/>).</summary>
    [Id(3)]
    public required string DistinctId { get; init; }

    /// <summary>The device's id, if the client has one. Stored trimmed; a blank id counts as none.</summary>
    [Id(4)]
    public string? DeviceId { get; init; }

    /// <summary>
    /// The client's session id: a UUID of 36 characters, of any version but nil and max. If it is missing or anything
    /// else, the server assigns the session.
    /// </summary>
    [Id(5)]
    public string? SessionId { get; init; }

    /// <summary>The id of the browser tab or app window. Stored trimmed; a blank id counts as none.</summary>
    [Id(6)]
    public string? WindowId { get; init; }

    /// <summary>The event's properties: a JSON object as UTF-8. Empty means none.</summary>
    [Id(7)]
    public ReadOnlyMemory<byte> Properties { get; init; }

    /// <summary>
    /// When the event happened by the client's own clock, if <see cref="Timestamp"/> was corrected for clock skew; null
    /// if it was not. When an event is sent again, its correction may differ, but this value stays the same.
    /// </summary>
    [Id(8)]
    public DateTimeOffset? ClientTimestamp { get; init; }

    /// <summary>
    /// Whether this is not an event but the summary of a replay block that the gateway has stored. Only gateways send
    /// summaries. A summary must have a session id.
    /// </summary>
    [Id(9)]
    public bool IsReplay { get; init; }

    /// <summary>
    /// The event's place among its sender's events. Of two events with the same time, the one with the smaller number
    /// comes first; if the numbers are equal too, the one with the smaller id. Any number is valid. The number of the
    /// first delivery is kept. If all events of a call have 0, <c>IUserDeviceGrain.Track</c> and <c>ISessionsClient</c>
    /// give each event its index in the list.
    /// </summary>
    [Id(10)]
    public long SenderOrder { get; init; }

    /// <summary>
    /// Whether <see cref="Timestamp"/> was computed from an age, because the client only said how long ago the event
    /// happened. When such an event is sent again, its time may differ, so the time is not used to tell it from a
    /// different event with the same id.
    /// </summary>
    [Id(11)]
    public bool IsTimeReckoned { get; init; }
}
