using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
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
internal sealed class ReplayEndpoint(
    BodyBudget budget,
    BodyReader reader,
    SnapshotParser parser,
    FindFilter findFilter,
    FindReplaySettings findSettings,
    StoreReplay store,
    Admission admission,
    DeviceTracker tracker,
    CaptureOptions options,
    CaptureMetrics metrics,
    TimeProvider time,
    ILogger<ReplayEndpoint> logger) : CaptureEndpoint(findFilter, options.RetryAfter, metrics, logger)
{
    protected override async Task<Outcome> Take(HttpRequest request)
    {
        admission.Check();
        using var share = new BodyShare(budget);
        ParsedSnapshots parsed = await Read(request, share);
        if (parsed.Taken.Events.Count == 0)
        {
            return new Outcome(CaptureRefusal.Malformed("The body holds no usable snapshot."), parsed.Taken.Dropped, []);
        }

        if (!await IsRecorded(parsed.Taken.Project))
        {
            return NothingWanted([.. parsed.Taken.Dropped, .. parsed.Taken.Events.Select(snapshot =>
                new EventNote(snapshot.Index, CaptureReason.ReplayDisabled))]);
        }

        CaptureVerdict.Taken wanted = await Wanted(parsed.Taken);
        if (wanted.Events.Count == 0)
        {
            return NothingWanted(wanted.Dropped);
        }

        using Admission.Stay stay = admission.Enter(wanted.Events.Count);
        ReplayBlock[] blocks = [.. wanted.Events.Select(snapshot => parsed.Blocks[snapshot.Index])];
        try
        {
            await store(blocks);
        }
        catch (SessionsUnavailableException)
        {
            throw new CaptureRefusedException(CaptureRefusal.Unavailable());
        }

        CountRecorded(blocks.Sum(block => (long)block.Data.Length));
        return Settle(wanted, await tracker.Track(wanted.Project, wanted.Events));
    }

    private async Task<ParsedSnapshots> Read(HttpRequest request, BodyShare share)
    {
        using PooledBytes body = await reader.Read(request, share, options.MaxReplayBodyBytes);
        return parser.Parse(body.Written, SentAtOf(request), time.GetUtcNow(), share);
    }

    private async ValueTask<bool> IsRecorded(string project)
    {
        try
        {
            return (await findSettings(project)).Enabled;
        }
        catch (SessionsUnavailableException)
        {
            // Whether the project wants it can't be told: neither dropping nor keeping it can be undone.
            throw new CaptureRefusedException(CaptureRefusal.Unavailable());
        }
    }
}
