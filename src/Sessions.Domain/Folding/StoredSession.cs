
namespace Sessions.Domain.Folding;

/// <summary>A session's stored data.</summary>
/// <param name="Born">The server day on which its row was first written.</param>
/// <param name="Checkpoint">
/// The fold's state at the last checkpoint; null when all entries must be folded again.
/// </param>
/// <param name="After">The journal entries after the checkpoint, in order; without a checkpoint all of them.</param>
/// <param name="Seen">The ids of all its events, with the device that took each.</param>
public sealed record StoredSession(
    DateOnly Born,
    SessionState? Checkpoint,
    IReadOnlyList<JournalEntry> After,
    IReadOnlyList<SeenEvent> Seen)
{
    /// <summary>
    /// The last number of a session that was erased with all of its events. If it gets events again, its numbers
    /// continue after this one, and it is born again. 0 for any other session.
    /// </summary>
    public int ForgottenUpTo { get; init; }

    /// <summary>Columns of its row, from which it goes on when nothing else can be read; null when it has no row.</summary>
    public StoredRow? Row { get; init; }

    /// <summary>
    /// Why its state can't be read; null when it can, or when it was written by an older version and so must be folded again.
    /// </summary>
    public string? StateFault { get; init; }

    /// <summary>Whether that is because a newer version of the program has written it.</summary>
    public bool IsOfNewerVersion { get; init; }

    /// <summary>An erased session, of which only the last number is left.</summary>
    public static StoredSession Forgotten(int number) => new(default, null, [], []) { ForgottenUpTo = number };
}

/// <summary>An event that a session has taken.</summary>
/// <param name="EventId">The event's id.</param>
/// <param name="Device">The device that took it: <see cref="UserDeviceKey.Device"/>.</param>
/// <param name="Number">The event's number in the journal.</param>
public readonly record struct SeenEvent(Guid EventId, string Device, int Number);
