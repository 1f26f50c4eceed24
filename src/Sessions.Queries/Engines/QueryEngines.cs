using System.Data;
using Npgsql;
using Sessions.Database;

namespace Sessions.Queries.Engines;

/// <summary>The engines that answer questions: columns, if there are any, and Postgres.</summary>
/// <param name="database">Postgres.</param>
/// <param name="columns">The columns; null when there are none.</param>
public sealed class QueryEngines(QueryDataSource database, ColumnsEngine? columns = null)
{
    /// <summary>Whether there are columns.</summary>
    public bool HasColumns => columns is not null;

    /// <summary>Asks the columns, and then Postgres if they don't answer.</summary>
    /// <param name="project">The project.</param>
    /// <param name="limits">The limits of each statement.</param>
    /// <param name="ask">Asks an engine.</param>
    /// <param name="cancellation">Ends the work.</param>
    /// <exception cref="NpgsqlException">Postgres can't answer now, or refused a statement.</exception>
    internal async Task<T> Ask<T>(string project, StatementLimits limits, Func<StatementReader, Task<T>> ask, CancellationToken cancellation)
    {
        (bool isAnswered, T? answer) = await AskColumns(project, limits, ask);
        return isAnswered ? answer! : await AskPostgres(limits, (_, reader) => ask(reader), cancellation);
    }

    /// <summary>Asks the columns; the answer is false when Postgres must be asked.</summary>
    /// <inheritdoc cref="Ask"/>
    internal async Task<(bool IsAnswered, T? Answer)> AskColumns<T>(string project, StatementLimits limits, Func<StatementReader, Task<T>> ask)
    {
        if (columns is null)
        {
            return (false, default);
        }

        try
        {
            return (true, await ask(new ColumnsReader(columns, project, limits)));
        }
        catch (OnlyPostgresException)
        {
            return (false, default);
        }
    }

    /// <summary>Reads any number of rows from the columns; null when Postgres must be asked.</summary>
    /// <param name="project">The project.</param>
    /// <param name="limits">The limits of the statement.</param>
    /// <param name="statement">Makes the statement for an engine.</param>
    /// <param name="cancellation">Ends the work.</param>
    internal async Task<IAsyncEnumerable<object?[]>?> RowsOfColumns(
        string project, StatementLimits limits, Func<Dialect, Statement> statement, CancellationToken cancellation)
    {
        try
        {
            return columns is null ? null : await columns.ReadRows(project, statement(Dialect.Columns), limits, cancellation);
        }
        catch (OnlyPostgresException)
        {
            return null;
        }
    }

    /// <summary>Asks Postgres, all from one snapshot.</summary>
    /// <inheritdoc cref="Ask"/>
    internal async Task<T> AskPostgres<T>(
        StatementLimits limits, Func<NpgsqlConnection, StatementReader, Task<T>> ask, CancellationToken cancellation)
    {
        await using NpgsqlConnection connection = await database.Source.OpenConnectionAsync(cancellation);
        await using NpgsqlTransaction transaction = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellation);
        await using (NpgsqlCommand begin = new(limits.SetLocal, connection))
        {
            await begin.ExecuteNonQueryAsync(cancellation);
        }

        return await ask(connection, new PostgresReader(connection));
    }
}
