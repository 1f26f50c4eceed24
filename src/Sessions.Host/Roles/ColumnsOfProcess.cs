using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Text.RegularExpressions;
using Npgsql;
using Sessions.Columns;
using Sessions.Columns.Asking;
using Sessions.Queries;
using Sessions.Queries.Engines;

namespace Sessions.Host.Roles;

/// <summary>The columns that a process of its own holds.</summary>
internal sealed partial class ColumnsOfProcess : ColumnsEngine
{
    // An answer for a person has fewer. One that has more is read from Postgres.
    private const int MostRows = 200_000;

    // Each kind is logged once, and the kinds are few: they differ by what is asked for, not by values.
    private const int MostKinds = 100;

    private readonly ColumnsClient _client;
    private readonly ILogger<ColumnsOfProcess> _log;
    private readonly Counter<long> _faults;
    private readonly ConcurrentDictionary<string, bool> _kinds = new();

    /// <summary>Makes it.</summary>
    public ColumnsOfProcess(ColumnsClient client, IMeterFactory meters, ILogger<ColumnsOfProcess> log)
    {
        (_client, _log) = (client, log);
        _faults = meters.Create(ColumnsServices.MeterName).CreateCounter<long>(
            "sessions.columns.faults", "{question}", "Questions that DuckDB could not answer although it should. Postgres answered them.");
    }

    /// <inheritdoc/>
    public override async Task<IReadOnlyList<IReadOnlyList<object?[]>>?> Read(
        string project, IReadOnlyList<Statement> statements, StatementLimits limits, CancellationToken cancellation)
    {
        if (!_client.IsConfigured)
        {
            return null;
        }

        try
        {
            IReadOnlyList<ColumnsAnswer>? answers = await _client.Read(
                project,
                [.. statements.Select(statement => new ColumnsStatement(statement.Sql, statement.Values))],
                new ColumnsLimits(limits.Timeout, MostRows),
                cancellation);
            return answers is null || answers.Any(answer => answer.IsCut) ? null : [.. answers.Select(answer => answer.Rows)];
        }
        catch (ColumnsRefusedException refused)
        {
            Refused(project, statements, refused.Message);
            return null;
        }
        catch (TimeoutException late)
        {
            // As Postgres says it, so that all who ask say the same.
            throw new PostgresException(late.Message, "ERROR", "ERROR", PostgresErrorCodes.QueryCanceled);
        }
    }

    /// <inheritdoc/>
    public override async Task<IAsyncEnumerable<object?[]>?> ReadRows(
        string project, Statement statement, StatementLimits limits, CancellationToken cancellation)
    {
        if (!_client.IsConfigured)
        {
            return null;
        }

        try
        {
            return await _client.ReadRows(project, new ColumnsStatement(statement.Sql, statement.Values), limits.Timeout, cancellation);
        }
        catch (ColumnsRefusedException refused)
        {
            Refused(project, [statement], refused.Message);
            return null;
        }
        catch (TimeoutException late)
        {
            throw new PostgresException(late.Message, "ERROR", "ERROR", PostgresErrorCodes.QueryCanceled);
        }
    }

    /// <inheritdoc/>
    public override Task<int?> FindPercent(string project, CancellationToken cancellation) =>
        _client.IsConfigured ? _client.FindPercent(project, cancellation) : base.FindPercent(project, cancellation);

    private void Refused(string project, IReadOnlyList<Statement> statements, string reason)
    {
        if (IsLeftToPostgres(reason))
        {
            LogLeft(project, reason);
            return;
        }

        _faults.Add(1);
        string kind = string.Join(";\n", statements.Select(statement => Numbers().Replace(statement.Sql, "$1"))), first = reason.Split('\n')[0];
        if (_kinds.Count >= MostKinds || !_kinds.TryAdd(kind, true))
        {
            LogAgain(project, reason);
        }
        else if (reason.StartsWith("Out of Memory", StringComparison.Ordinal))
        {
            LogMemory(project, first);
        }
        else
        {
            LogFault(project, first, kind);
        }
    }

    // The number of a parameter, or one that was calculated from the range.
    [GeneratedRegex(@"(\$?)\d+", RegexOptions.CultureInvariant)]
    private static partial Regex Numbers();

    [LoggerMessage(5021, LogLevel.Debug, "Columns can't answer a question about project {Project} exactly ({Reason}). Postgres answers.")]
    private partial void LogLeft(string project, string reason);

    [LoggerMessage(5022, LogLevel.Warning, "DuckDB refuses a statement of this program about project {Project} ({Reason}). Postgres answers such questions, right and more "
        + "slowly. This line comes once for each kind of statement. Please report this statement: {Statement}.")]
    private partial void LogFault(string project, string reason, string statement);

    [LoggerMessage(5023, LogLevel.Warning, "A question about project {Project} needs more memory than DuckDB has ({Reason}). Postgres answers such questions, more slowly. "
        + "Raise Columns:MemoryMegabytes, or lower Columns:MaxOpen, which shares it.")]
    private partial void LogMemory(string project, string reason);

    [LoggerMessage(5024, LogLevel.Debug, "DuckDB refuses a statement about project {Project} again ({Reason}). Postgres answers.")]
    private partial void LogAgain(string project, string reason);
}
