namespace Sessions.Queries.UserSql;

/// <summary>A column of a result.</summary>
/// <param name="Name">The column's name.</param>
/// <param name="Type">The column's Postgres type.</param>
public sealed record SqlColumn(string Name, string Type);

/// <summary>A view that users' SQL may read.</summary>
/// <param name="Name">The view's name.</param>
/// <param name="Columns">The view's columns.</param>
public sealed record SqlTable(string Name, IReadOnlyList<SqlColumn> Columns);

/// <summary>The result of a user's SQL.</summary>
/// <param name="Columns">The columns.</param>
/// <param name="Rows">The rows; each value is text as Postgres writes it, or null.</param>
/// <param name="Truncated">Whether the result was cut off at the limit.</param>
public sealed record SqlAnswer(IReadOnlyList<SqlColumn> Columns, IReadOnlyList<string?[]> Rows, bool Truncated);

/// <summary>The size limits of a result.</summary>
/// <param name="Rows">The most rows.</param>
/// <param name="Characters">The most characters in all rows together.</param>
public sealed record SqlSize(int Rows, long Characters);

/// <summary>Postgres refused a user's SQL, or could not execute it.</summary>
/// <param name="message">The message from Postgres.</param>
/// <param name="position">The position of the faulty character, counted from 1; 0 when there is none.</param>
public sealed class SqlRefusedException(string message, int position = 0) : Exception(message)
{
    /// <summary>The position of the faulty character, counted from 1; 0 when there is none.</summary>
    public int Position => position;
}
