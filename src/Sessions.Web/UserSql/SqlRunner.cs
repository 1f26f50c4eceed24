using System.Security.Claims;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Options;
using Sessions.Queries.UserSql;
using Sessions.Web.Access;
using Sessions.Web.Api;

namespace Sessions.Web.UserSql;

/// <summary>Runs users' SQL, from programs and from the page, with the same limits.</summary>
internal sealed class SqlRunner(SqlQueries sql, SqlConcurrencyLimit concurrency, Audit audit, IOptions<SqlOptions> options)
{
    private SqlSize Size => new(options.Value.MaxRows, options.Value.MaxCharacters);

    /// <summary>
    /// Runs one query of a project when it is its turn. The audit log has the query's hash, because the text may contain
    /// data of persons.
    /// </summary>
    /// <exception cref="SqlRefusedException">The engine refused the query, or could not run it.</exception>
    /// <exception cref="SqlMemoryException">The query needs more memory than it may have.</exception>
    /// <exception cref="SessionsUnavailableException">Too many other queries are running.</exception>
    public Task<Outcome<SqlAnswer>> Run(ClaimsPrincipal caller, string query, SqlEngine? engine, CancellationToken cancellation) => audit.Around(
        caller,
        new Act(AuditActions.SqlRun, Subject: null)
        {
            Detail = { ["query_sha256"] = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(query))) },
        },
        () => concurrency.Run(caller.Project(), timely => sql.Run(caller.Project(), query, engine, concurrency.Limits, Size, timely), cancellation),
        outcome => outcome.TryGet(out _),
        outcome => new() { ["rows"] = outcome.TryGet(out SqlAnswer? answer) ? answer.Rows.Count : null });

    /// <summary>The views that a query may read, with their columns; none when Postgres can't list them.</summary>
    /// <exception cref="SessionsUnavailableException">Too many other queries are running.</exception>
    public async Task<IReadOnlyList<SqlTable>> GetSchema(string project, CancellationToken cancellation)
    {
        try
        {
            Outcome<IReadOnlyList<SqlTable>> schema =
                await concurrency.Run(project, timely => sql.GetSchema(project, concurrency.Limits, Size, timely), cancellation);
            return schema.TryGet(out IReadOnlyList<SqlTable>? tables) ? tables : [];
        }
        catch (SqlRefusedException)
        {
            return [];
        }
    }
}

/// <summary>
/// Limits how many SQL queries of users run at the same time: fewer than other queries, and apart from them. One project
/// can't take all turns.
/// </summary>
internal sealed class SqlConcurrencyLimit(IOptions<SqlOptions> options, TimeProvider time)
    : ConcurrencyLimit(
        options.Value.AtOnce, options.Value.WaitForTurn, options.Value.Timeout, options.Value.WorkMemoryMegabytes, time, options.Value.AtOnceOfProject);
