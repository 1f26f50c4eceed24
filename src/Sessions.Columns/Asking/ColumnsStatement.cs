namespace Sessions.Columns.Asking;

/// <summary>A question in DuckDB's SQL: one SELECT over the tables of <see cref="Schema.ColumnsSchema"/>.</summary>
/// <param name="Sql">The statement, with the parameters $1, $2 and so on. The connection's time zone is UTC.</param>
/// <param name="Parameters">
/// Their values: string, string[], Guid, Guid[], DateTimeOffset, DateOnly, long, int, double, decimal, bool or null. A null has
/// no type of its own; the statement casts it where that matters, as in $1::VARCHAR.
/// </param>
public sealed record ColumnsStatement(string Sql, IReadOnlyList<object?> Parameters);

/// <summary>What a question may cost.</summary>
/// <param name="Time">The time for all statements, waiting included. A question that takes longer throws <see cref="TimeoutException"/>.</param>
/// <param name="Rows">The most rows of each answer. A longer one is cut, and says so.</param>
public sealed record ColumnsLimits(TimeSpan Time, int Rows);

/// <summary>The answer to one statement.</summary>
/// <param name="Columns">The columns.</param>
/// <param name="Rows">
/// The rows. A value is a string, long, double, decimal, bool, Guid, DateTimeOffset, DateOnly, object?[] (a list) or null.
/// Every whole number is a long, or a decimal when it is too large for one.
/// </param>
/// <param name="IsCut">Whether there are more rows than the limit allows.</param>
public sealed record ColumnsAnswer(IReadOnlyList<ColumnsAnswerColumn> Columns, IReadOnlyList<object?[]> Rows, bool IsCut);

/// <summary>A column of an answer.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">DuckDB's name of its type.</param>
public sealed record ColumnsAnswerColumn(string Name, string Type);

/// <summary>A person's question in DuckDB's SQL, over the views <c>sessions</c>, <c>events</c> and <c>session_replays</c>.</summary>
/// <param name="Project">The project.</param>
/// <param name="Sql">The text.</param>
/// <param name="Time">The time that it may take. A question that takes longer throws <see cref="TimeoutException"/>.</param>
/// <param name="Rows">The most rows. A longer answer is cut, and says so.</param>
/// <param name="Characters">The most characters in all rows together; likewise.</param>
public sealed record UserQuestion(string Project, string Sql, TimeSpan Time, int Rows, long Characters);

/// <summary>DuckDB refuses a statement. The message is DuckDB's own.</summary>
public sealed class ColumnsRefusedException(string message) : Exception(message)
{
    /// <summary>The position of the faulty character, counted from 1; 0 when there is none.</summary>
    public int Position { get; init; }
}

/// <summary>A person's question was ended because the process needed too much memory.</summary>
public sealed class ColumnsMemoryException() : Exception("The query needs too much memory.");
