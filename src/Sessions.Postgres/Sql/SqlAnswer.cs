namespace Sessions.Postgres.Sql;

/// <summary>A column of an answer.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">Its type, as Postgres calls it.</param>
public sealed record SqlColumn(string Name, string Type);

/// <summary>What people's SQL gave.</summary>
/// <param name="Columns">The columns.</param>
/// <param name="Rows">The rows; each value is text as Postgres writes it, or null.</param>
/// <param name="Truncated">Whether there were more rows than may be.</param>
public sealed record SqlAnswer(IReadOnlyList<SqlColumn> Columns, IReadOnlyList<string?[]> Rows, bool Truncated);

/// <summary>How much people's SQL may give.</summary>
/// <param name="Rows">The most rows.</param>
/// <param name="Characters">The most characters in all rows together.</param>
public sealed record SqlSize(int Rows, long Characters);

/// <summary>Postgres refused somebody's SQL, or could not carry it out.</summary>
/// <param name="message">What Postgres says.</param>
/// <param name="position">The character it is about, counted from 1; 0 when it is about none.</param>
public sealed class SqlRefusedException(string message, int position = 0) : Exception(message)
{
    /// <summary>The character it is about, counted from 1; 0 when it is about none.</summary>
    public int Position => position;
}
