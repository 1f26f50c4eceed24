namespace Sessions.Queries.UserSql;

/// <summary>Runs users' SQL over projects' columns, in DuckDB's dialect.</summary>
public abstract class ColumnsSql
{
    /// <summary>Whether there are columns, even if they can't answer now.</summary>
    public abstract bool IsOn { get; }

    /// <summary>Runs one query over the views of a project, with values as Postgres writes them.</summary>
    /// <returns>The answer; null when the columns are off or away, or while they are written.</returns>
    /// <exception cref="SqlRefusedException">DuckDB refused the query, or it does something else than read the views.</exception>
    /// <exception cref="SqlMemoryException">The query needs more memory than it may have.</exception>
    /// <exception cref="Npgsql.PostgresException">It took too long; as Postgres says it.</exception>
    public abstract Task<SqlAnswer?> Run(string project, string query, StatementLimits limits, SqlSize size, CancellationToken cancellation);
}
