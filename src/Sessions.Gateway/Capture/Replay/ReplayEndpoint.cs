using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Sessions.Domain.Time;
using Sessions.Gateway.Capture.Body;
using Sessions.Gateway.Capture.Filtering;
using Sessions.Gateway.Capture.Parsing;
using Sessions.Gateway.Capture.Tracking;
using Sessions.Postgres;

namespace Sessions.Gateway.Capture.Replay;

/// <summary>How a project records, from memory.</summary>
/// <exception cref="SessionsUnavailableException">The project's settings can't be read now.</exception>
internal delegate ValueTask<ReplaySettings> FindReplaySettings(string project);

/// <summary>Stores replay blocks; completes when they are durable.</summary>
/// <exception cref="SessionsUnavailableException">That can't be done now.</exception>
internal delegate Task StoreReplay(IReadOnlyList<ReplayBlock> blocks);

/// <summary>
/// Takes what SDKs record: body, JSON, blocks, and only when these are durable their summaries on the way of events. A
/// block whose summary never arrives counts nowhere, and is removed after a day.
/// </summary>
internal sealed partial class ReplayEndpoint(
    BodyBudget budget,
    BodyReader reader,
    SnapshotParser parser,
    FindFilter findFilter,
    FindReplaySettings findSettings,
    StoreReplay store,
    DeviceTracker tracker,
    CaptureOptions options,
    CaptureMetrics metrics,
    TimeProvider time,
    ILogger<ReplayEndpoint> logger)
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
            outcome = new Outcome(refused.Refusal, []);
        }
        catch (BadHttpRequestException broken)
        {
            outcome = new Outcome(new CaptureRefusal(broken.StatusCode, "The request's body could not be read."), []);
        }
        catch (Exception gone) when (gone is IOException or OperationCanceledException
            && context.RequestAborted.IsCancellationRequested)
        {
            // Nobody is left to answer. What is not taken is sent again.
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
            await CaptureAnswer.Ok(context, outcome.Dropped, []);
        }
    }

    private async Task<Outcome> Take(HttpRequest request, CancellationToken cancellation)
    {
        using var share = new BodyShare(budget);
        ParsedSnapshots parsed = await Read(request, share);
        if (parsed.Snapshots.Count == 0)
        {
            return new Outcome(CaptureRefusal.Malformed("The body holds no usable snapshot."), parsed.Dropped);
        }

        var dropped = new SortedDictionary<int, EventNote>(parsed.Dropped.ToDictionary(note => note.Index));
        IReadOnlyList<ParsedSnapshot> wanted = await Wanted(parsed, dropped);
        if (wanted.Count == 0)
        {
            // Nothing is wrong with what was sent, so the sender is to see no error.
            return new Outcome(null, [.. dropped.Values]);
        }

        try
        {
            await store([.. wanted.Select(snapshot => snapshot.Block.Block)]);
        }
        catch (SessionsUnavailableException)
        {
            throw new CaptureRefusedException(CaptureRefusal.Unavailable());
        }

        metrics.Recorded(wanted.Sum(snapshot => (long)snapshot.Block.Block.Data.Length));
        int kept = 0;
        CapturedEvent[] events = [.. wanted.Select(snapshot => snapshot.Event)];
        foreach ((int index, EventReceipt receipt) in await tracker.Track(parsed.Project, events, cancellation))
        {
            if (receipt.Outcome == EventOutcome.Invalid)
            {
                dropped[index] = new EventNote(index, receipt.Reason ?? DropReason.InvalidSnapshot);
            }
            else
            {
                kept++;
            }
        }

        metrics.Tracked(kept);
        CaptureRefusal? refusal = kept > 0 ? null : CaptureRefusal.Malformed("The body holds no usable snapshot.");
        return new Outcome(refusal, [.. dropped.Values]);
    }

    private async Task<ParsedSnapshots> Read(HttpRequest request, BodyShare share)
    {
        using PooledBytes body = await reader.Read(request, share, options.MaxReplayBodyBytes);
        Moment? sentAt = SentAt.FromQuery(request.Query["_"].ToString())
            ?? SentAt.FromQuery(request.Query["sent_at"].ToString());
        return parser.Parse(body.Written, sentAt, time.GetUtcNow(), share);
    }

    /// <summary>What the project wants recorded; the rest joins the dropped.</summary>
    private async Task<IReadOnlyList<ParsedSnapshot>> Wanted(ParsedSnapshots parsed, SortedDictionary<int, EventNote> dropped)
    {
        bool isEnabled;
        EventFilter filter;
        try
        {
            isEnabled = (await findSettings(parsed.Project)).Enabled;
            filter = await findFilter(parsed.Project);
        }
        catch (SessionsUnavailableException)
        {
            // Whether the project wants it can't be told: neither dropping nor keeping it can be undone.
            throw new CaptureRefusedException(CaptureRefusal.Unavailable());
        }

        if (!isEnabled)
        {
            foreach (ParsedSnapshot snapshot in parsed.Snapshots)
            {
                dropped[snapshot.Event.Index] = new EventNote(snapshot.Event.Index, CaptureReason.ReplayDisabled);
            }

            return [];
        }

        CaptureVerdict.Taken taken = filter.Apply(new CaptureVerdict.Taken(
            parsed.Project, [.. parsed.Snapshots.Select(snapshot => snapshot.Event)], [], [], 0));
        foreach (EventNote note in taken.Dropped)
        {
            dropped[note.Index] = note;
        }

        return taken.Dropped.Count == 0
            ? parsed.Snapshots
            : [.. parsed.Snapshots.Where(snapshot => !dropped.ContainsKey(snapshot.Event.Index))];
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

    [LoggerMessage(LogLevel.Debug, "Dropped {Count} snapshots: {Reason}")]
    private partial void LogDropped(int count, string reason);

    private sealed record Outcome(CaptureRefusal? Refusal, IReadOnlyList<EventNote> Dropped);
}
