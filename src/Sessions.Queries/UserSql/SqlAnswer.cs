namespace Sessions.Queries.UserSql;

/// <summary>An engine that answers users' SQL. Their dialects differ.</summary>
public enum SqlEngine
{
    /// <summary>Postgres, which has the truth.</summary>
    Postgres,

    /// <summary>DuckDB, over the project's columns.</summary>
    Columns,
}

/// <summary>A column of a result.</summary>
/// <param name="Name">The column's name.</param>
/// <param name="Type">The column's type, by Postgres' name whichever engine answers.</param>
public sealed record SqlColumn(string Name, string Type);

/// <summary>A view that users' SQL may read.</summary>
/// <param name="Name">The view's name.</param>
/// <param name="Columns">The view's columns.</param>
public sealed record SqlTable(string Name, IReadOnlyList<SqlColumn> Columns);

/// <summary>The result of a user's SQL.</summary>
/// <param name="Columns">The columns.</param>
/// <param name="Rows">The rows; each value is text as Postgres writes it, or null.</param>
/// <param name="Truncated">Whether the result was cut off at the limit.</param>
/// <param name="Engine">The engine that answered.</param>
public sealed record SqlAnswer(IReadOnlyList<SqlColumn> Columns, IReadOnlyList<string?[]> Rows, bool Truncated, SqlEngine Engine = SqlEngine.Postgres);

/// <summary>The size limits of a result.</summary>
/// <param name="Rows">The most rows.</param>
/// <param name="Characters">The most characters in all rows together.</param>
public sealed record SqlSize(int Rows, long Characters);

/// <summary>An engine refused a user's SQL, or could not execute it.</summary>
/// <param name="message">The engine's message.</param>
/// <param name="position">The position of the faulty character, counted from 1; 0 when there is none.</param>
/// <param name="engine">The engine.</param>
public sealed class SqlRefusedException(string message, int position = 0, SqlEngine engine = SqlEngine.Postgres) : Exception(message)
{
    /// <summary>The engine.</summary>
    public SqlEngine Engine => engine;

    /// <summary>The position of the faulty character, counted from 1; 0 when there is none.</summary>
    public int Position => position;
}

/// <summary>A user's SQL was ended because it needs more memory than it may have.</summary>
public sealed class SqlMemoryException() : Exception("The query needs more memory than it may have.");
