namespace Sessions.Queries.Engines;

/// <summary>The engine that holds projects' sessions and events in columns.</summary>
public abstract class ColumnsEngine
{
    /// <summary>Answers statements about a project in DuckDB's SQL, all from one snapshot.</summary>
    /// <param name="project">The project.</param>
    /// <param name="statements">The statements.</param>
    /// <param name="limits">The limits of each statement.</param>
    /// <param name="cancellation">Ends the work.</param>
    /// <returns>
    /// The rows of each statement; null when it can't answer now, or when a statement fails: then Postgres is asked. A value is a
    /// text, long, double, decimal, bool, <see cref="Guid"/>, <see cref="DateTimeOffset"/>, a list of texts or null.
    /// </returns>
    public abstract Task<IReadOnlyList<IReadOnlyList<object?[]>>?> Read(
        string project, IReadOnlyList<Statement> statements, StatementLimits limits, CancellationToken cancellation);

    /// <summary>Reads any number of rows of one state, a few at a time.</summary>
    /// <returns>The rows; null when it can't answer now, or when the statement fails: then Postgres is asked.</returns>
    /// <inheritdoc cref="Read"/>
    public virtual Task<IAsyncEnumerable<object?[]>?> ReadRows(
        string project, Statement statement, StatementLimits limits, CancellationToken cancellation) => Task.FromResult<IAsyncEnumerable<object?[]>?>(null);

    /// <summary>How much of a project's columns is written, in percent; null when they are not being written.</summary>
    public virtual Task<int?> FindPercent(string project, CancellationToken cancellation) => Task.FromResult<int?>(null);

    /// <summary>Whether DuckDB refuses a value that only Postgres answers exactly, and not the statement.</summary>
    public static bool IsLeftToPostgres(string refusal) =>
        refusal.Contains("only Postgres answers", StringComparison.Ordinal) || refusal.Contains("to DECIMAL(38,20)", StringComparison.Ordinal);
}
