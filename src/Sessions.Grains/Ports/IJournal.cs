using Sessions.Domain;
using Sessions.Domain.Webhooks;

namespace Sessions.Grains;

/// <summary>Where sessions write what they take. One a silo; it commits what waits as a group.</summary>
public interface IJournal
{
    /// <summary>
    /// Writes a run: all its entries commit or none. Runs of one <see cref="RunChain"/> commit in the order they are
    /// appended; after one has failed the later ones are refused.
    /// </summary>
    Task<RunResult> Append(Run run);
}

/// <summary>
/// What one activation of a session appends between two loads. It breaks with its first run that does not commit:
/// what follows was numbered on top of that run.
/// </summary>
public sealed class RunChain
{
    private volatile bool _broken;

    /// <summary>Whether a run has failed: the session must load itself anew.</summary>
    public bool IsBroken => _broken;

    /// <summary>Refuses all later runs.</summary>
    public void Break() => _broken = true;
}

/// <summary>The entries that one session adds in one flush, and with them what must be true or written at the same instant.</summary>
public sealed record Run
{
    public required RunChain Chain { get; init; }
    public required SessionKey Session { get; init; }

    /// <summary>The server day on which the session's row was first written.</summary>
    public required DateOnly Born { get; init; }

    /// <summary>Dense numbers in ascending order.</summary>
    public required IReadOnlyList<JournalEntry> Entries { get; init; }

    /// <summary>The session after these entries.</summary>
    public required SessionState After { get; init; }

    /// <summary>
    /// The generation of <see cref="IForgottenPersons"/> by which its events were found to be welcome. With a later one
    /// they are looked at again before they are written.
    /// </summary>
    public long WelcomeAt { get; init; } = long.MaxValue;

    /// <summary>By these its row's columns follow from the state.</summary>
    public required SessionRules Rules { get; init; }

    /// <summary>What becomes of the session's row in the same transaction.</summary>
    public RowChange Row { get; init; }

    /// <summary>What happened to the session by this run; null when it only went on.</summary>
    public SessionHappening? Happening { get; init; }

    /// <summary>The device that handed the session over in this run, and to whom; null when none did.</summary>
    public HandOver? HandOver { get; init; }

    /// <summary>
    /// The activation of a device that must still be the newest when this commits; null when it doesn't matter. A reminder
    /// that it names goes with it.
    /// </summary>
    public DeviceCall? Fence { get; init; }
}

/// <summary>An anonymous device hands its session to the device of who was identified, and remembers it.</summary>
/// <param name="From">The anonymous device.</param>
/// <param name="To">The other: <see cref="UserDeviceKey.Device"/>.</param>
public sealed record HandOver(UserDeviceKey From, string To);

/// <summary>What a run does to its session's row.</summary>
public enum RowChange
{
    /// <summary>Nothing: a checkpoint follows.</summary>
    None,

    /// <summary>It is written for the first time; that somebody else has done so fails the run.</summary>
    Insert,

    /// <summary>It is brought up to the run's last entry.</summary>
    Update,

    /// <summary>The same when the run is an end and the row has all that came before: only the end is written into it.</summary>
    End,
}

/// <summary>How a run ended.</summary>
public enum RunOutcome
{
    /// <summary>It is durable.</summary>
    Committed,

    /// <summary>Postgres refuses some of its entries for what is in them; nothing was written.</summary>
    Refused,

    /// <summary>Another activation has written in the meantime; nothing was written.</summary>
    Conflict,

    /// <summary>The device's activation has been replaced by a newer one; nothing was written.</summary>
    Fenced,

    /// <summary>An earlier run of the chain failed; nothing was written.</summary>
    Superseded,

    /// <summary>It can't be written now: Postgres is away or the queue is full. Nothing was written.</summary>
    Unavailable,

    /// <summary>The connection broke on the way: it may be durable or not.</summary>
    Unknown,
}

/// <summary>How a run ended, and which entries were refused.</summary>
/// <param name="Outcome">The outcome.</param>
/// <param name="Refused">The numbers of the refused entries.</param>
public sealed record RunResult(RunOutcome Outcome, IReadOnlyList<int> Refused)
{
    public static RunResult Of(RunOutcome outcome) => new(outcome, []);
}
