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
}
