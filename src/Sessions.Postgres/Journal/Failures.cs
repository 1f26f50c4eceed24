using Npgsql;

namespace Sessions.Postgres;

/// <summary>What a failed transaction means for its runs.</summary>
internal enum Failure
{
    /// <summary>Something in it is refused: nothing was written, and without that something it would have been.</summary>
    OfThisTransaction,

    /// <summary>Postgres can't do it now: nothing was written.</summary>
    OfTheServer,

    /// <summary>The connection broke on the way: it may be written or not.</summary>
    Unknown,
}

/// <summary>Tells failures apart by what Postgres said, if it said anything.</summary>
internal static class Failures
{
    /// <summary>A newer activation of the device has taken over (raised by <c>tracking.check_epochs</c>).</summary>
    public const string Fenced = "SE001";

    /// <summary>Persons have been forgotten since the events were found welcome (<c>tracking.check_forgotten</c>).</summary>
    public const string Forgotten = "SE002";

    public static Failure Classify(Exception failure) => failure switch
    {
        NotConnectedException => Failure.OfTheServer,
        PostgresException { SqlState: var state } => OfState(state),
        _ => Failure.Unknown,
    };

    /// <summary>Whether what is in the rows is to blame: bad text or numbers, too deep, too large.</summary>
    public static bool IsOfTheData(Exception failure) =>
        failure is PostgresException { SqlState: var state }
        && (state.StartsWith("22", StringComparison.Ordinal) || state.StartsWith("54", StringComparison.Ordinal));

    private static Failure OfState(string state) => state[..2] switch
    {
        // Refused for its data, its size, its keys, or its epoch.
        // Refused only until the silo knows who was forgotten.
        _ when state == Forgotten => Failure.OfTheServer,
        "22" or "23" or "54" or "SE" => Failure.OfThisTransaction,
        // The server is going away: the commit may have been its last deed.
        "57" when state is PostgresErrorCodes.AdminShutdown or PostgresErrorCodes.CrashShutdown => Failure.Unknown,
        _ => Failure.OfTheServer,
    };
}

/// <summary>No connection could be had, so nothing was sent.</summary>
internal sealed class NotConnectedException(Exception inner) : Exception("Postgres can't be reached.", inner);
