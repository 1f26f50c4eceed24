using Npgsql;

namespace Sessions.Database;

/// <summary>Classifies failures of Postgres. All code that catches such failures uses this class.</summary>
public static class PostgresAway
{
    /// <summary>
    /// Whether a statement failed in Postgres or on the way to it: Postgres is away, it was too slow, the connection
    /// broke, or it refused the statement.
    /// </summary>
    public static bool Is(Exception failure) => failure is NpgsqlException or TimeoutException or IOException;

    /// <summary>
    /// Whether the same statement may succeed later. Postgres refuses some statements at any time: for their text, or for
    /// the data in them. All other failures come from the server's present state: it stops, it lacks connections or
    /// memory, another transaction holds a lock, or a plan is out of date. So does an internal error that ends the server or
    /// the connection, such as a full disk of the log.
    /// </summary>
    public static bool MayPass(Exception failure) =>
        Is(failure) && !(failure is PostgresException { SqlState: var state, InvariantSeverity: not ("PANIC" or "FATAL") } && IsOfTheStatement(state));

    private static bool IsOfTheStatement(string state) =>
        state.Length < 2 || state[..2] is "21" or "22" or "23" or "42" or "54" or "P0" or "XX";
}
