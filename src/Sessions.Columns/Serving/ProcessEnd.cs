using System.Diagnostics;
using Microsoft.Extensions.Logging;

namespace Sessions.Columns.Serving;

/// <summary>Ends the process when a statement does not obey its cancel. The supervisor starts it again.</summary>
internal partial class ProcessEnd(ILogger<ProcessEnd> log)
{
    /// <summary>Ends it at once, without a stop in order: files survive that.</summary>
    public virtual void End()
    {
        LogEnding();
        // The console writes in a thread of its own. The line matters less than the end.
        Process.GetCurrentProcess().Kill();
    }

    [LoggerMessage(9010, LogLevel.Warning, "A statement went on after it was cancelled. The process ends and is started again; Postgres answers in the meantime.")]
    private partial void LogEnding();
}
