namespace Sessions;

/// <summary>
/// The results of the events of one call, in the call's order. Every event that is not invalid is durable.
/// </summary>
/// <param name="Events">One receipt for each event.</param>
[GenerateSerializer, Immutable, Alias("sessions.track-receipt")]
public sealed record TrackReceipt([property: Id(0)] IReadOnlyList<EventReceipt> Events);

/// <summary>The result of one event.</summary>
/// <param name="EventId">The event's id, as it was sent.</param>
/// <param name="Outcome">The outcome.</param>
/// <param name="SessionId">The event's session; null when the event is invalid.</param>
/// <param name="Reason">
/// A word from <see cref="DropReason"/>: why an event is invalid, or a warning that it was kept in another session than
/// it named, under another id, or with a generic id.
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
    /// <summary>The event was counted now and is durable.</summary>
    New,

    /// <summary>The event was counted before and is durable.</summary>
    Duplicate,

    /// <summary>The event was refused. A retry does not help.</summary>
    Invalid,
}

/// <summary>
/// The reasons why an event was refused, and warnings of accepted events: the words in answers, logs and metrics.
/// </summary>
public static class DropReason
{
    /// <summary>The event has no name.</summary>
    public const string MissingEventName = "missing_event_name";

    /// <summary>The event has no distinct id.</summary>
    public const string MissingDistinctId = "missing_distinct_id";

    /// <summary>The properties are not a JSON object, or Postgres refused them.</summary>
    public const string InvalidProperties = "invalid_properties";

    /// <summary>
    /// The event's person was deleted after the event happened, so the event must not be stored again.
    /// </summary>
    public const string PersonDeleted = "person_deleted";

    /// <summary>The project is archived: it takes no events.</summary>
    public const string ProjectArchived = "project_archived";

    /// <summary>The event's id is not a UUID.</summary>
    public const string InvalidUuid = "invalid_uuid";

    /// <summary>A name or id contains a NUL or half of a surrogate pair.</summary>
    public const string InvalidText = "invalid_text";

    /// <summary>The element of the batch is not a JSON object.</summary>
    public const string NotAnObject = "not_an_object";

    /// <summary>The event is larger than the limit.</summary>
    public const string TooLarge = "too_large";

    /// <summary>The event's JSON is nested deeper than the limit.</summary>
    public const string TooDeep = "too_deep";

    /// <summary>The session has the most events that are allowed.</summary>
    public const string SessionFull = "session_full";

    /// <summary>The event is older than the project's retention.</summary>
    public const string TooOld = "too_old";

    /// <summary>The summary of a replay block is malformed.</summary>
    public const string InvalidSnapshot = "invalid_snapshot";

    /// <summary>Warning: the event's session id is not a UUID, so the server assigned the session.</summary>
    public const string InvalidSessionId = "invalid_session_id";

    /// <summary>
    /// Warning: a different event of the device has the same id, so the server gave this event another id.
    /// </summary>
    public const string UuidReused = "uuid_reused";

    /// <summary>
    /// Warning: an id of the event is generic (<see cref="PersonIds"/>). The event was kept, but it merged no ids.
    /// </summary>
    public const string GenericDistinctId = "generic_distinct_id";
}
