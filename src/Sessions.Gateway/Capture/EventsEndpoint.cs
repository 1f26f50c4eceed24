using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Sessions.Domain.Time;
using Sessions.Gateway.Capture.Body;
using Sessions.Gateway.Capture.Cookieless;
using Sessions.Gateway.Capture.Filtering;
using Sessions.Gateway.Capture.Parsing;
using Sessions.Gateway.Capture.Tracking;

namespace Sessions.Gateway.Capture;

/// <summary>Takes events: body, JSON, ids of cookieless visitors, user-devices, answer.</summary>
internal sealed partial class EventsEndpoint(
    BodyBudget budget,
    BodyReader reader,
    CaptureParser parser,
    FindFilter findFilter,
    CookielessEvents cookieless,
    Admission admission,
    DeviceTracker tracker,
    CaptureOptions options,
    ClientAddress client,
    CaptureMetrics metrics,
    TimeProvider time,
    ILogger<EventsEndpoint> logger)
{
    public async Task Handle(HttpContext context)
    {
        Cors.Allow(context);
        Outcome outcome;
        try
        {
            outcome = await Take(context.Request, context.RequestAborted);
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
            // Nobody is left to answer. What was on its way to the grains arrives, or is sent again.
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

    private async Task<Outcome> Take(HttpRequest request, CancellationToken cancellation)
    {
        admission.Check();
        using var share = new BodyShare(budget);
        CaptureVerdict verdict = await Read(request, share);
        if (verdict is CaptureVerdict.Refused refused)
        {
            return new Outcome(refused.Refusal, refused.Dropped, []);
        }

        var taken = (CaptureVerdict.Taken)verdict;
        share.Take(taken.Bytes);
        CaptureVerdict.Taken wanted = (await FilterOf(taken.Project)).Apply(taken);
        if (wanted.Events.Count == 0)
        {
            // Nothing is wrong with what was sent, so the sender is to see no error: a 400 would have people look for
            // a fault that there is not, and whoever crawls need not know what gives it away.
            return new Outcome(null, [.. wanted.Dropped.OrderBy(note => note.Index)], []);
        }

        wanted = await cookieless.Resolve(wanted, request, cancellation);
        using Admission.Stay stay = admission.Enter(wanted.Events.Count);
        return Settle(wanted, await tracker.Track(wanted.Project, wanted.Events, cancellation));
    }

    private async ValueTask<EventFilter> FilterOf(string project)
    {
        try
        {
            return await findFilter(project);
        }
        catch (SessionsUnavailableException)
        {
            // Whether the project wants these events can't be told: neither dropping nor keeping them can be undone.
            throw new CaptureRefusedException(CaptureRefusal.Unavailable());
        }
    }

    private async Task<CaptureVerdict> Read(HttpRequest request, BodyShare share)
    {
        using PooledBytes body = await reader.Read(request, share);
        Moment? sentAt = SentAt.FromQuery(request.Query["_"].ToString())
            ?? SentAt.FromQuery(request.Query["sent_at"].ToString());
        return parser.Parse(body.Written, sentAt, time.GetUtcNow(), client.Of(request));
    }

    /// <summary>Puts together what the parser and the grains have to say.</summary>
    private Outcome Settle(CaptureVerdict.Taken taken, IReadOnlyList<TrackedEvent> tracked)
    {
        var dropped = new SortedDictionary<int, EventNote>(taken.Dropped.ToDictionary(note => note.Index));
        var warnings = new SortedDictionary<int, EventNote>(taken.Warnings.ToDictionary(note => note.Index));
        int kept = 0;
        foreach (int index in dropped.Keys)
        {
            warnings.Remove(index);
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
        return new Outcome(refusal, [.. dropped.Values], [.. warnings.Values]);
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

    [LoggerMessage(LogLevel.Debug, "Dropped {Count} events: {Reason}")]
    private partial void LogDropped(int count, string reason);

    private sealed record Outcome(
        CaptureRefusal? Refusal, IReadOnlyList<EventNote> Dropped, IReadOnlyList<EventNote> Warnings);
}
