using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Sessions.Database;

namespace Sessions.Columns.Serving;

/// <summary>
/// Keeps the files: brings those that are open up to date, writes them anew when something was deleted, and deletes those of
/// deleted projects. It keeps the process known as a holder, too.
/// </summary>
internal sealed partial class ColumnsKeeper(
    OpenProjects projects, IOptions<ColumnsOptions> options, TimeProvider time, ILogger<ColumnsKeeper> log)
    : PeriodicWork(TimeSpan.FromSeconds(options.Value.CatchUpSeconds), time, FirstStep.AtOnce)
{
    private readonly TimeSpan _rewriteAfter = TimeSpan.FromSeconds(options.Value.RewriteSeconds);
    private readonly Dictionary<string, long> _dirtySince = [];

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

    protected override Task Step(CancellationToken stopping) => Round(stopping);

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

        if (!isAwaited && project.State is not { NeedsRewrite: true })
        {
            _dirtySince.Remove(project.Project);
            return;
        }

        // Deletions come in groups.
        _dirtySince.TryAdd(project.Project, Time.GetTimestamp());
        if (Time.GetElapsedTime(_dirtySince[project.Project]) >= _rewriteAfter)
        {
            _dirtySince.Remove(project.Project);
            await project.Rewrite(isAwaited);
        }
    }

    [LoggerMessage(9022, LogLevel.Information, "The columns of project {Project} are deleted, because the project is.")]
    private partial void LogDeleted(string project);
}
