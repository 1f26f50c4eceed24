namespace Sessions;

/// <summary>What became of the events of one call, in the call's order. All that is not invalid is durable.</summary>
/// <param name="Events">One receipt for each event.</param>
[GenerateSerializer, Immutable, Alias("sessions.track-receipt")]
public sealed record TrackReceipt([property: Id(0)] IReadOnlyList<EventReceipt> Events);

/// <summary>What became of one event.</summary>
/// <param name="EventId">The event's id, as it was sent.</param>
/// <param name="Outcome">Whether it counted.</param>
/// <param name="SessionId">The session that has it; null when it is invalid.</param>
/// <param name="Reason">
/// Why an event is invalid (a word from <see cref="DropReason"/>), or why it was not taken as it asked: it is in another
/// session than it named, under another id, or an id of it names nobody.
/// </param>
[GenerateSerializer, Immutable, Alias("sessions.event-receipt")]
public sealed record EventReceipt(
    [property: Id(0)] Guid EventId,
    [property: Id(1)] EventOutcome Outcome,
    [property: Id(2)] Guid? SessionId,
    [property: Id(3)] string? Reason = null);

/// <summary>Whether an event counted.</summary>
[GenerateSerializer, Alias("sessions.event-outcome")]
public enum EventOutcome
{
    /// <summary>It counted now, and is durable.</summary>
    New,

    /// <summary>It had counted before; it is durable.</summary>
    Duplicate,

    /// <summary>It can't be kept, and sending it again won't help.</summary>
    Invalid,
}

/// <summary>Why an event was not taken, or not as it asked: the words in answers, logs and metrics.</summary>
public static class DropReason
{
    /// <summary>The event has no name.</summary>
    public const string MissingEventName = "missing_event_name";

    /// <summary>The event has no distinct id.</summary>
    public const string MissingDistinctId = "missing_distinct_id";

    /// <summary>The properties are no JSON object, or Postgres refused them.</summary>
    public const string InvalidProperties = "invalid_properties";

    /// <summary>The event's person was deleted after it happened: it must not come back.</summary>
    public const string PersonDeleted = "person_deleted";

    /// <summary>The event's id is no UUID.</summary>
    public const string InvalidUuid = "invalid_uuid";

    /// <summary>A name or id holds a NUL or half of a surrogate pair, which is no text.</summary>
    public const string InvalidText = "invalid_text";

    /// <summary>The element of the batch is no JSON object.</summary>
    public const string NotAnObject = "not_an_object";

    /// <summary>The event is larger than the limit.</summary>
    public const string TooLarge = "too_large";

    /// <summary>The event's JSON is nested deeper than the limit.</summary>
    public const string TooDeep = "too_deep";

    /// <summary>The session has taken all the events it may.</summary>
    public const string SessionFull = "session_full";

    /// <summary>It is older than its project keeps sessions and events.</summary>
    public const string TooOld = "too_old";

    /// <summary>What should be the summary of a replay block is none.</summary>
    public const string InvalidSnapshot = "invalid_snapshot";

    /// <summary>Warning: what the event named as its session is no UUID, so the server assigned one.</summary>
    public const string InvalidSessionId = "invalid_session_id";

    /// <summary>Warning: another event of the device has the event's id, so it was kept under one of its own.</summary>
    public const string UuidReused = "uuid_reused";

    /// <summary>Warning: an id of the event names nobody (<see cref="PersonIds"/>). It was kept, and merged nobody.</summary>
    public const string GenericDistinctId = "generic_distinct_id";
}
