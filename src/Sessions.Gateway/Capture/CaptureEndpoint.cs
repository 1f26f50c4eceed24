using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Sessions.Domain.Time;
using Sessions.Gateway.Capture.Filtering;
using Sessions.Gateway.Capture.Parsing;
using Sessions.Gateway.Capture.Tracking;

namespace Sessions.Gateway.Capture;

/// <summary>What every path that takes events does alike: whatever comes of a request has one answer, and is counted.</summary>
internal abstract partial class CaptureEndpoint(
    FindFilter findFilter, TimeSpan retryAfter, CaptureMetrics metrics, ILogger logger)
{
    public async Task Handle(HttpContext context)
    {
        Cors.Allow(context);
        Outcome outcome;
        try
        {
            outcome = await Take(context.Request);
        }
        catch (CaptureRefusedException refused)
        {
            outcome = new Outcome(refused.Refusal, [], []);
        }
        catch (BadHttpRequestException broken)
        {
            outcome = new Outcome(new CaptureRefusal(broken.StatusCode, "The request's body could not be read."), [], []);
        }
        catch (Exception gone) when (gone is IOException or OperationCanceledException
            && context.RequestAborted.IsCancellationRequested)
        {
            // Nobody is left to answer, and not all of the body came.
            return;
        }

        Count(outcome.Dropped);
        if (outcome.Refusal is CaptureRefusal refusal)
        {
            metrics.Refused(refusal.Status);
            await CaptureAnswer.Refuse(context, refusal, outcome.Dropped, retryAfter);
        }
        else
        {
            await CaptureAnswer.Ok(context, outcome.Dropped, outcome.Warnings);
        }
    }

    /// <summary>
    /// Makes what is in the request durable. What came in full is not given up when its sender leaves: a page that is
    /// closed says its last and is gone.
    /// </summary>
    /// <exception cref="CaptureRefusedException">Nothing of it was taken.</exception>
    protected abstract Task<Outcome> Take(HttpRequest request);

    /// <summary>Counts what was stored of recordings, in compressed bytes.</summary>
    protected void CountRecorded(long bytes) => metrics.Recorded(bytes);

    /// <summary>When the client sent the request, as its query says.</summary>
    protected static Moment? SentAtOf(HttpRequest request) =>
        SentAt.FromQuery(request.Query["_"].ToString()) ?? SentAt.FromQuery(request.Query["sent_at"].ToString());

    /// <summary>What the project wants of it; the rest joins the dropped.</summary>
    protected async ValueTask<CaptureVerdict.Taken> Wanted(CaptureVerdict.Taken taken)
    {
        try
        {
            return (await findFilter(taken.Project)).Apply(taken);
        }
        catch (SessionsUnavailableException)
        {
            // Whether the project wants these events can't be told: neither dropping nor keeping them can be undone.
            throw new CaptureRefusedException(CaptureRefusal.Unavailable());
        }
    }

    /// <summary>
    /// The outcome when the project wants none of it. Nothing is wrong with what was sent, so the sender is to see no
    /// error: a 400 would have people look for a fault that there is not, and whoever crawls need not know what gives
    /// it away.
    /// </summary>
    protected static Outcome NothingWanted(IEnumerable<EventNote> dropped) =>
        new(null, [.. dropped.OrderBy(note => note.Index)], []);

    /// <summary>Puts together what the parser and the grains have to say.</summary>
    protected Outcome Settle(CaptureVerdict.Taken taken, IReadOnlyList<TrackedEvent> tracked)
    {
        SortedDictionary<int, EventNote> dropped = ByIndex(taken.Dropped);
        SortedDictionary<int, EventNote> warnings = ByIndex(taken.Warnings);
        int kept = 0;
        foreach (EventNote note in taken.Dropped)
        {
            warnings.Remove(note.Index);
        }

        foreach ((int index, EventReceipt receipt) in tracked)
        {
            if (receipt.Outcome == EventOutcome.Invalid)
            {
                dropped[index] = new EventNote(index, receipt.Reason ?? DropReason.InvalidProperties);
                warnings.Remove(index);
                continue;
            }

            kept++;
            if (receipt.Reason is string reason)
            {
                // What the parser saw comes first: it is why the session is another one.
                warnings.TryAdd(index, new EventNote(index, reason));
            }
        }

        metrics.Tracked(kept);
        CaptureRefusal? refusal = kept > 0 ? null : CaptureRefusal.Malformed("The body holds no usable event.");
        return new Outcome(refusal, InOrder(dropped), InOrder(warnings));
    }

    private static SortedDictionary<int, EventNote> ByIndex(IReadOnlyList<EventNote> notes)
    {
        var byIndex = new SortedDictionary<int, EventNote>();
        foreach (EventNote note in notes)
        {
            byIndex.Add(note.Index, note);
        }

        return byIndex;
    }

    private static IReadOnlyList<EventNote> InOrder(SortedDictionary<int, EventNote> notes) =>
        notes.Count == 0 ? [] : [.. notes.Values];

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

    [LoggerMessage(LogLevel.Debug, "Dropped {Count} events: {Reason}")]
    private partial void LogDropped(int count, string reason);

    /// <summary>What became of a request.</summary>
    /// <param name="Refusal">Why nothing of it was taken; null when something was, or nothing was wanted.</param>
    /// <param name="Dropped">What can't be kept, in the body's order.</param>
    /// <param name="Warnings">What was kept, though not as it was sent.</param>
    protected sealed record Outcome(
        CaptureRefusal? Refusal, IReadOnlyList<EventNote> Dropped, IReadOnlyList<EventNote> Warnings);
}
