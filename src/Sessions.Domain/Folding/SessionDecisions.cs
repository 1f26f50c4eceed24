using Orleans;

namespace Sessions.Domain.Folding;

/// <summary>The next step of a session for the events of a call.</summary>
public enum AppendStep
{
    /// <summary>
    /// The session must first read the content of stored events: <see cref="AppendDecision.Unread"/>. Then it decides
    /// again.
    /// </summary>
    ReadStored,

    /// <summary>
    /// The session takes nothing: the caller has been replaced, or does not know that the session was closed.
    /// </summary>
    RefuseStale,

    /// <summary>
    /// The session takes nothing yet: first <see cref="AppendDecision.Owner"/> must be told to expect that its session
    /// goes on.
    /// </summary>
    AskOwner,

    /// <summary>
    /// The session takes the events. They are durable when <see cref="AppendDecision.Append"/> and all of
    /// <see cref="AppendDecision.InFlightDuplicates"/> have committed.
    /// </summary>
    Commit,
}

/// <summary>The next step of a session for the events of a call.</summary>
/// <param name="Step">The step. It decides which of the other members are set.</param>
public readonly record struct AppendDecision(AppendStep Step)
{
    /// <summary>The numbers of the stored events whose content decides whether an event of the call is a duplicate.</summary>
    public IReadOnlyCollection<int> Unread { get; init; } = [];

    /// <summary>The device that owns the session and has given it up as idle.</summary>
    public string? Owner { get; init; }

    /// <summary>The append for the journal; null when no event of the call is new.</summary>
    public JournalAppend? Append { get; init; }

    /// <summary>Appends of other calls that carry events of this one.</summary>
    public IReadOnlyList<JournalAppend> InFlightDuplicates { get; init; } = [];
}

/// <summary>The result of a call's events after the journal has answered.</summary>
public enum AppendVerdict
{
    /// <summary>All valid events are durable, and the receipts are final.</summary>
    Taken,

    /// <summary>A newer activation has replaced the caller's.</summary>
    Stale,

    /// <summary>Some events were not written. Another attempt may succeed after the session is loaded again.</summary>
    Retry,

    /// <summary>Nothing can be written now.</summary>
    Unavailable,
}

/// <summary>A session's answer to the request to end it.</summary>
[GenerateSerializer, Alias("sessions.end-verdict")]
public enum EndVerdict
{
    /// <summary>The session has ended, now or before.</summary>
    Ended,

    /// <summary>The session is still live: it had activity that the device does not know of.</summary>
    Active,

    /// <summary>Another device owns the session. The calling device forgets it.</summary>
    NotYours,

    /// <summary>A newer activation of the device has replaced the calling one.</summary>
    Stale,
}

/// <summary>A session's decision about the request to end it.</summary>
/// <param name="Verdict">The answer. If there is an append, the answer is valid when the append has committed.</param>
/// <param name="Append">The append for the journal; null when there is nothing to write.</param>
public readonly record struct EndDecision(EndVerdict Verdict, JournalAppend? Append);

/// <summary>The effects of a decision. The caller performs them in the order of the members.</summary>
/// <param name="Checkpoint">The state that the session's row must be brought up to; null when the row has it.</param>
/// <param name="Publish">The state that watchers of live sessions must see; null when nothing changed for them.</param>
/// <param name="WasLive">Whether watchers saw the session as live until now.</param>
/// <param name="Deactivate">Whether the session need not stay in memory.</param>
/// <param name="History">The store's history in which the checkpoint was committed; null when the store has only one.</param>
/// <param name="Damage">What could not be read, to be reported; null when all could.</param>
/// <param name="Row">Learns that the checkpoint is in the row.</param>
public readonly record struct SessionEffects(
    SessionState? Checkpoint = null,
    SessionState? Publish = null,
    bool WasLive = false,
    bool Deactivate = false,
    StoreHistory? History = null,
    SessionDamage? Damage = null,
    RowMark? Row = null);
