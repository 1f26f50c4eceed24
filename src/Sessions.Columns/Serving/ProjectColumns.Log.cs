using Microsoft.Extensions.Logging;

namespace Sessions.Columns.Serving;

internal sealed partial class ProjectColumns
{
    private void LogBeginning(string? reason)
    {
        if (reason is null)
        {
            LogRefreshing(project);
        }
        else
        {
            LogBuilding(project, reason);
        }
    }

    [LoggerMessage(9001, LogLevel.Information, "The columns of project {Project} are written from Postgres: {Reason}. Until then Postgres answers its questions, more slowly.")]
    private partial void LogBuilding(string project, string reason);

    [LoggerMessage(9008, LogLevel.Information, "The columns of project {Project} have changed much and are written from Postgres again. They go on answering.")]
    private partial void LogRefreshing(string project);

    [LoggerMessage(9002, LogLevel.Information, "The columns of project {Project} are written: {Events} events, {Megabytes} MB, in {Milliseconds} ms.")]
    private partial void LogBuilt(string project, long events, long megabytes, long milliseconds);

    [LoggerMessage(9007, LogLevel.Information, "The columns of project {Project} have {Events} events so far.")]
    private partial void LogCopied(string project, long events);

    [LoggerMessage(9003, LogLevel.Warning, "The columns of project {Project} can't be written now ({Reason}). The process tries again in {Seconds} s, and Postgres "
        + "answers until then. Check the disk of Columns:Directory, and that Postgres runs.")]
    private partial void LogBuildFailed(string project, string reason, long seconds, Exception? fault);

    [LoggerMessage(9004, LogLevel.Warning, "The columns of project {Project} could not be used and are removed ({Reason}). They are written again from Postgres, which "
        + "answers until then. If this goes on, check the disk of Columns:Directory.")]
    private partial void LogFailed(string project, string reason, Exception? fault);

    [LoggerMessage(9005, LogLevel.Information, "The columns of project {Project} were written anew without what was deleted, in {Milliseconds} ms.")]
    private partial void LogRewritten(string project, long milliseconds);

    [LoggerMessage(9006, LogLevel.Warning, "The columns of project {Project} can't be written anew without what was deleted ({Reason}), and are removed. They are written "
        + "again from Postgres, which answers until then. Check the disk of Columns:Directory.")]
    private partial void LogRewriteFailed(string project, string reason);
}
