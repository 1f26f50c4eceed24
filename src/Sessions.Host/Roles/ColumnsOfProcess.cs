using Npgsql;
using Sessions.Columns.Asking;
using Sessions.Queries;
using Sessions.Queries.Engines;

namespace Sessions.Host.Roles;

/// <summary>The columns that a process of its own holds.</summary>
internal sealed partial class ColumnsOfProcess(ColumnsClient client, ILogger<ColumnsOfProcess> log) : ColumnsEngine
{
    // An answer for a person has fewer. One that has more is read from Postgres.
    private const int MostRows = 200_000;

    /// <inheritdoc/>
    public override async Task<IReadOnlyList<IReadOnlyList<object?[]>>?> Read(
        string project, IReadOnlyList<Statement> statements, StatementLimits limits, CancellationToken cancellation)
    {
        if (!client.IsConfigured)
        {
            return null;
        }

        try
        {
            IReadOnlyList<ColumnsAnswer>? answers = await client.Read(
                project,
                [.. statements.Select(statement => new ColumnsStatement(statement.Sql, statement.Values))],
                new ColumnsLimits(limits.Timeout, MostRows),
                cancellation);
            return answers is null || answers.Any(answer => answer.IsCut) ? null : [.. answers.Select(answer => answer.Rows)];
        }
        catch (ColumnsRefusedException refused)
        {
            LogRefused(project, refused.Message);
            return null;
        }
        catch (TimeoutException late)
        {
            // As Postgres says it, so that all who ask say the same.
            throw new PostgresException(late.Message, "ERROR", "ERROR", PostgresErrorCodes.QueryCanceled);
        }
    }

    [LoggerMessage(5021, LogLevel.Debug, "Columns can't answer a question about project {Project} exactly ({Reason}). Postgres answers.")]
    private partial void LogRefused(string project, string reason);
}
