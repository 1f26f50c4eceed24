using Npgsql;

namespace Sessions.Database;

/// <summary>What the failure of a transaction says about its appends.</summary>
internal enum Failure
{
    /// <summary>
    /// Postgres refused part of the transaction. Nothing was written; without the refused part, it would have been.
    /// </summary>
    OfThisTransaction,

    /// <summary>Postgres can't execute the transaction now. Nothing was written.</summary>
    OfTheServer,

    /// <summary>The connection broke. The transaction may have been written or not.</summary>
    Unknown,
}

/// <summary>Classifies failures by Postgres' error code, if there is one.</summary>
internal static class Failures
{
    /// <summary>A newer activation of the device has taken over (raised by <c>tracking.check_epochs</c>).</summary>
    public const string Fenced = "SE001";

    /// <summary>
    /// Persons were deleted after the events were checked (raised by <c>tracking.check_forgotten</c>).
    /// </summary>
    public const string Forgotten = "SE002";

    public static Failure Classify(Exception failure) => failure switch
    {
        NotConnectedException => Failure.OfTheServer,
        PostgresException { SqlState: var state } => OfState(state),
        _ => Failure.Unknown,
    };

    /// <summary>
    /// Whether the data in the rows is the cause: invalid text or numbers, nested too deep, or too large.
    /// </summary>
    public static bool IsOfTheData(Exception failure) =>
        failure is PostgresException { SqlState: var state }
        && (state.StartsWith("22", StringComparison.Ordinal) || state.StartsWith("54", StringComparison.Ordinal));

    /// <summary>Whether Postgres refuses rows for their content, or because they break a constraint.</summary>
    public static bool IsOfTheRows(PostgresException failure) =>
        IsOfTheData(failure) || failure.SqlState.StartsWith("23", StringComparison.Ordinal);

    /// <summary>
    /// Whether one of the rows that a statement reads may be the cause: a value that .NET can't hold, or damaged data in
    /// Postgres. Read alone, the other rows can be read.
    /// </summary>
    public static bool MayBeOfOneRow(Exception failure) => failure is PostgresException { SqlState: var state }
        ? IsOfTheData(failure) || state.StartsWith("XX", StringComparison.Ordinal)
        : !PostgresAway.Is(failure) && failure is not SessionsUnavailableException;

    private static Failure OfState(string state) => state[..2] switch
    {
        // A retry succeeds when the silo has read the list of deleted persons.
        _ when state == Forgotten => Failure.OfTheServer,
        // 40: Postgres ended the transaction because of others, mostly to resolve a deadlock; nothing was written.
        "22" or "23" or "40" or "54" or "SE" => Failure.OfThisTransaction,
        // The server shuts down, but the commit may have succeeded before.
        "57" when state is PostgresErrorCodes.AdminShutdown or PostgresErrorCodes.CrashShutdown => Failure.Unknown,
        _ => Failure.OfTheServer,
    };
}

/// <summary>
/// Nothing was sent, because an append continues what is not certain any more: its chain has broken in the meantime.
/// </summary>
internal sealed class BrokenChainException() : Exception("An append's chain is broken.");

/// <summary>No connection could be opened, so nothing was sent.</summary>
internal sealed class NotConnectedException(Exception inner) : Exception("Postgres can't be reached.", inner);
