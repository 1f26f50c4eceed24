namespace Sessions;

/// <summary>Something that happened on a device, as a backend or the gateway reports it.</summary>
[GenerateSerializer, Immutable, Alias("sessions.event")]
public sealed record SessionEvent
{
    /// <summary>
    /// The event's id. Sent again with the same id, an event counts once for its device. Another event with that id (its
    /// name, person, time or properties differ) is kept as well, under an id of its own.
    /// </summary>
    [Id(0)]
    public required Guid Id { get; init; }

    /// <summary>The event's name, such as <c>$pageview</c>; not blank, at most 200 characters, stored trimmed (<see cref="IdText"/>).</summary>
    [Id(1)]
    public required string Name { get; init; }

    /// <summary>
    /// When it happened. It decides which session the event belongs to and where the session starts and ends.
    /// Null means: when the device's grain received it.
    /// </summary>
    [Id(2)]
    public DateTimeOffset? Timestamp { get; init; }

    /// <summary>The person's id; not blank, at most 200 characters, stored trimmed (<see cref="IdText"/>).</summary>
    [Id(3)]
    public required string DistinctId { get; init; }

    /// <summary>The device's id, when the client has one of its own; stored trimmed, and a blank one is none.</summary>
    [Id(4)]
    public string? DeviceId { get; init; }

    /// <summary>
    /// The client's session: a UUID of any version but nil and max, 36 characters. With anything else, or nothing,
    /// the server assigns the session.
    /// </summary>
    [Id(5)]
    public string? SessionId { get; init; }

    /// <summary>The browser tab or app window; stored trimmed, and a blank one is none.</summary>
    [Id(6)]
    public string? WindowId { get; init; }

    /// <summary>The event's properties: a JSON object as UTF-8. Empty means none.</summary>
    [Id(7)]
    public ReadOnlyMemory<byte> Properties { get; init; }

    /// <summary>
    /// When it happened by the client's own clock, where <see cref="Timestamp"/> was corrected for that; null when it
    /// was not. The same event sent again may be corrected by another amount: this is what stays the same.
    /// </summary>
    [Id(8)]
    public DateTimeOffset? ClientTimestamp { get; init; }

    /// <summary>
    /// Whether this is no event, but the summary of a replay block that the gateway has stored; only gateways send
    /// such. It must name its session.
    /// </summary>
    [Id(9)]
    public bool IsReplay { get; init; }

    /// <summary>
    /// The event's place among its sender's events: of two events of one time the one with the smaller number comes
    /// first, and of two with the same number the one with the smaller id. It may be any number, and is kept as it was
    /// when the event first counted. Where all events of a call have 0, <see cref="IUserDeviceGrain.Track"/> and
    /// <see cref="ISessionsClient"/> give each its place in the list.
    /// </summary>
    [Id(10)]
    public long SenderOrder { get; init; }

    /// <summary>
    /// Whether <see cref="Timestamp"/> is not the client's: the client only said how long ago it was. The same event sent
    /// again may have another one, so the time does not tell it from another event with its id.
    /// </summary>
    [Id(11)]
    public bool IsTimeReckoned { get; init; }
}
