
namespace Sessions.Domain.Folding;

/// <summary>
/// The entries that one session writes at once, with the conditions and the other writes of the same transaction.
/// </summary>
public sealed record JournalAppend
{
    /// <summary>The chain that the append belongs to.</summary>
    public required AppendChain Chain { get; init; }

    /// <summary>The session.</summary>
    public required SessionKey Session { get; init; }

    /// <summary>The server day on which the session's row was first written.</summary>
    public required DateOnly Born { get; init; }

    /// <summary>The entries, in ascending order of their numbers, without gaps.</summary>
    public required IReadOnlyList<JournalEntry> Entries { get; init; }

    /// <summary>The session after these entries.</summary>
    public required SessionState After { get; init; }

    /// <summary>
    /// The generation of erased persons with which the events were checked. When the generation has risen since, the
    /// journal checks them again before it writes.
    /// </summary>
    public long ErasureGeneration { get; init; } = long.MaxValue;

    /// <summary>
    /// The generation of erased persons when the session was loaded. The journal refuses to continue what was loaded before the
    /// project was made.
    /// </summary>
    public long LoadedIn { get; init; } = long.MaxValue;

    /// <summary>The project's rules, which the columns of the session's row depend on.</summary>
    public required SessionRules Rules { get; init; }

    /// <summary>How the same transaction changes the session's row.</summary>
    public RowChange Row { get; init; }

    /// <summary>The event for webhooks; null when there is none, because the session only got more events.</summary>
    public SessionHappening? Happening { get; init; }

    /// <summary>The device that hands the session over with these entries, and to whom; null when none does.</summary>
    public HandOver? HandOver { get; init; }

    /// <summary>
    /// The activation of a device that must still be the newest when this commits; null when it doesn't matter. The
    /// transaction removes a reminder that it names.
    /// </summary>
    public DeviceEpoch? Fence { get; init; }

    /// <summary>The device that begins with these entries: the transaction writes its row. Null when it is written already.</summary>
    public DeviceOpening? Opens { get; init; }
}

/// <summary>
/// All appends of one activation of a session between two loads. The chain breaks with the first append that does not
/// commit, because later appends continue its numbers.
/// </summary>
/// <param name="history">The history from which the session was loaded. The chain breaks when it is over.</param>
public sealed class AppendChain(StoreHistory? history = null)
{
    private volatile bool _broken;

    /// <summary>The history from which the session was loaded; null when the store has only one.</summary>
    public StoreHistory? History => history;

    /// <summary>Whether an append has failed or the history is over, so that the session must be loaded again.</summary>
    public bool IsBroken => _broken || history is { IsOver: true };

    /// <summary>Makes the journal refuse all later appends.</summary>
    public void Break() => _broken = true;
}

/// <summary>An anonymous device hands its session to the device of the person who was identified, and remembers that.</summary>
/// <param name="From">The anonymous device.</param>
/// <param name="To">The other device: <see cref="UserDeviceKey.Device"/>.</param>
public sealed record HandOver(UserDeviceKey From, string To);

/// <summary>How an append changes the row of its session.</summary>
public enum RowChange
{
    /// <summary>Does not change the row: a checkpoint follows.</summary>
    None,

    /// <summary>Inserts the row. The append fails when another activation has inserted it.</summary>
    Insert,

    /// <summary>Updates the row to the last entry.</summary>
    Update,

    /// <summary>Updates only the columns of the end, because the row contains everything before.</summary>
    End,
}

/// <summary>How an append ended.</summary>
public enum JournalOutcome
{
    /// <summary>The append is durable.</summary>
    Committed,

    /// <summary>Postgres refuses the content of some entries; nothing was written.</summary>
    Refused,

    /// <summary>Another activation has written in the meantime; nothing was written.</summary>
    Conflict,

    /// <summary>A newer activation has replaced the device's; nothing was written.</summary>
    Fenced,

    /// <summary>An earlier append of the chain failed; nothing was written.</summary>
    Superseded,

    /// <summary>Postgres is away or the queue is full; nothing was written.</summary>
    Unavailable,

    /// <summary>The connection broke during the commit: the append may be durable or not.</summary>
    Unknown,
}

/// <summary>How an append ended, and which entries were refused.</summary>
/// <param name="Outcome">The outcome.</param>
/// <param name="Refused">The numbers of the refused entries.</param>
public sealed record JournalResult(JournalOutcome Outcome, IReadOnlyList<int> Refused)
{
    /// <summary>A result without refused entries.</summary>
    public static JournalResult Of(JournalOutcome outcome) => new(outcome, []);
}
