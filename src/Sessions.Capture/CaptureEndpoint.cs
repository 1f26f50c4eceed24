using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Sessions.Capture;

/// <summary>Serves the pipeline over HTTP: each request gets one answer, and its result is counted.</summary>
internal sealed partial class CaptureEndpoint(
    CapturePipeline pipeline, CaptureOptions options, CaptureMetrics metrics, ILogger<CaptureEndpoint> logger)
{
    /// <summary>Takes events: the paths <c>/e/</c>, <c>/batch/</c> and their other names.</summary>
    public Task Events(HttpContext context) => Answer(context, pipeline.TakeEvents(context.Request));

    /// <summary>Takes recordings: the path <c>/s/</c>.</summary>
    public Task Recordings(HttpContext context) => Answer(context, pipeline.TakeRecordings(context.Request));

    private async Task Answer(HttpContext context, Task<CaptureOutcome> taking)
    {
        Cors.Allow(context);
        CaptureOutcome outcome;
        try
        {
            outcome = await taking;
        }
        catch (CaptureRefusedException refused)
        {
            outcome = new CaptureOutcome(refused.Refusal, [], []);
        }
        catch (BadHttpRequestException broken)
        {
            outcome = new CaptureOutcome(new CaptureRefusal(broken.StatusCode, "The request's body could not be read."), [], []);
        }
        catch (Exception gone) when (gone is IOException or OperationCanceledException
            && context.RequestAborted.IsCancellationRequested)
        {
            // The client has gone before its body was complete, so there is no one to answer.
            return;
        }

        Count(outcome.Dropped);
        if (outcome.Refusal is CaptureRefusal refusal)
        {
            metrics.Refused(refusal.Status);
            await CaptureAnswer.Refuse(context, refusal, outcome.Dropped, options.RetryAfter);
        }
        else
        {
            await CaptureAnswer.Ok(context, outcome.Dropped, outcome.Warnings);
        }
    }

    private void Count(IReadOnlyList<EventNote> dropped)
    {
        metrics.Dropped(dropped);
        if (dropped.Count > 0 && logger.IsEnabled(LogLevel.Debug))
        {
            foreach (IGrouping<string, EventNote> reason in dropped.GroupBy(note => note.Reason))
            {
                LogDropped(reason.Count(), reason.Key);
            }
        }
    }

    [LoggerMessage(3010, LogLevel.Debug, "{Count} events of a request were dropped. The reason is {Reason}.")]
    private partial void LogDropped(int count, string reason);
}
