using Npgsql;
using Sessions.Columns.Asking;
using Sessions.Queries;
using Sessions.Queries.UserSql;

namespace Sessions.Host.Roles;

/// <summary>Users' SQL over the columns that a process of its own holds.</summary>
internal sealed class SqlOfProcess(ColumnsClient client) : ColumnsSql
{
    /// <inheritdoc/>
    public override bool IsOn => client.IsConfigured;

    /// <inheritdoc/>
    public override async Task<SqlAnswer?> Run(string project, string query, StatementLimits limits, SqlSize size, CancellationToken cancellation)
    {
        try
        {
            return await client.Read(new UserQuestion(project, query, limits.Timeout, size.Rows, size.Characters), cancellation) is not { } answer
                ? null
                : new SqlAnswer(
                    [.. answer.Columns.Select(column => new SqlColumn(column.Name, column.Type))],
                    [.. answer.Rows.Select(row => Array.ConvertAll(row, value => (string?)value))],
                    answer.IsCut,
                    SqlEngine.Columns);
        }
        catch (ColumnsRefusedException refused)
        {
            throw new SqlRefusedException(refused.Message, refused.Position, SqlEngine.Columns);
        }
        catch (ColumnsMemoryException)
        {
            throw new SqlMemoryException();
        }
        catch (TimeoutException late)
        {
            // As Postgres says it, so that all who ask say the same.
            throw new PostgresException(late.Message, "ERROR", "ERROR", PostgresErrorCodes.QueryCanceled);
        }
    }
}
