using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Sessions.Columns.Asking;
using Sessions.Database;
using Sessions.Database.Properties;

namespace Sessions.Columns.Serving;

/// <summary>
/// Keeps the files: brings those that are open up to date, writes them anew when something was deleted, and deletes those of
/// deleted projects. It keeps the process known as a holder, too.
/// </summary>
internal sealed partial class ColumnsKeeper(
    OpenProjects projects, IOptions<ColumnsOptions> options, TimeProvider time, ILogger<ColumnsKeeper> log)
    : PeriodicWork(TimeSpan.FromSeconds(options.Value.CatchUpSeconds), time, FirstStep.AtOnce)
{
    private static readonly TimeSpan RoundEvery = TimeSpan.FromSeconds(5);

    // Whose questions are likely to be followed by others.
    private static readonly TimeSpan Lately = TimeSpan.FromMinutes(1);

    private static readonly ColumnsStatement FirstQuestion =
        new($"SELECT count(*), {PersonNumbers.Count}({PersonNumbers.OfId}) FROM (FROM sessions LIMIT 1000)", []);

    private static readonly ColumnsLimits FirstLimits = new(TimeSpan.FromSeconds(10), 1);

    private readonly TimeSpan _rewriteAfter = TimeSpan.FromSeconds(options.Value.RewriteSeconds);
    private readonly Dictionary<string, long> _dirtySince = [];
    private long? _roundAt;

    /// <summary>Makes one round.</summary>
    /// <exception cref="Npgsql.NpgsqlException">Postgres is away.</exception>
    public async Task Round(CancellationToken cancellation)
    {
        await projects.Holder.KeepAlive(cancellation);
        Guid holder = projects.Holder.Id!.Value;
        foreach (string gone in projects.Files().Except(await projects.Holder.FindProjects(cancellation)))
        {
            await projects.Delete(gone, cancellation);
            LogDeleted(gone);
        }

        HashSet<string> waiting = [.. await projects.Holder.FindWaiting(holder, cancellation)];
        foreach (ProjectColumns project in projects.Open)
        {
            await Keep(project, waiting.Remove(project.Project), cancellation);
        }

        // The file is not open, or there is none. It is a cache.
        foreach (string closed in waiting)
        {
            await projects.Delete(closed, cancellation);
        }
    }

    /// <summary>
    /// Opens the files that were written last, as many as may be open, and asks each a question: the first one that a person asks would
    /// wait for it, and for the compiler.
    /// </summary>
    public async Task OpenLatest(CancellationToken cancellation)
    {
        foreach (string project in projects.Files().Take(options.Value.MaxOpen))
        {
            try
            {
                await projects.Read(project, [FirstQuestion], FirstLimits, cancellation);
            }
            catch (Exception failure) when (failure is TimeoutException or ColumnsRefusedException)
            {
                // The next question finds out what is wrong with the file, and answers from Postgres.
            }
        }
    }

    protected override async Task Step(CancellationToken stopping)
    {
        if (_roundAt is null || Time.GetElapsedTime(_roundAt.Value) >= RoundEvery)
        {
            bool isFirst = _roundAt is null;
            await Round(stopping);
            _roundAt = Time.GetTimestamp();
            if (isFirst)
            {
                await OpenLatest(stopping);
            }

            return;
        }

        foreach (ProjectColumns project in projects.Open.Where(project => Time.GetElapsedTime(project.AskedAt) < Lately))
        {
            await project.CatchUpFromNow().WaitAsync(stopping);
        }
    }

    [LoggerMessage(9020, LogLevel.Warning, "The columns can't be kept up to date now ({Reason}). The process tries again at its next turn; until then Postgres answers. "
        + "Check that Postgres runs.")]
    protected override partial void LogFailing(string reason, Exception? fault);

    [LoggerMessage(9021, LogLevel.Information, "The columns are kept up to date again.")]
    protected override partial void LogWorking();

    private async Task Keep(ProjectColumns project, bool isAwaited, CancellationToken cancellation)
    {
        if (!await project.CatchUpFromNow().WaitAsync(cancellation))
        {
            return;
        }

        if (!isAwaited && project.State is not { HasDeletions: true })
        {
            _dirtySince.Remove(project.Project);
            await project.Refresh();
            return;
        }

        // Deletions come in groups.
        _dirtySince.TryAdd(project.Project, Time.GetTimestamp());
        if (Time.GetElapsedTime(_dirtySince[project.Project]) >= _rewriteAfter && !projects.IsWritingRows(project.Project))
        {
            _dirtySince.Remove(project.Project);
            await project.Rewrite(isAwaited);
        }
    }

    [LoggerMessage(9022, LogLevel.Information, "The columns of project {Project} are deleted, because the project is.")]
    private partial void LogDeleted(string project);
}
