using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Sessions.Gateway.Capture.Body;
using Sessions.Gateway.Capture.Cookieless;
using Sessions.Gateway.Capture.Filtering;
using Sessions.Gateway.Capture.Parsing;
using Sessions.Gateway.Capture.Tracking;

namespace Sessions.Gateway.Capture;

/// <summary>Takes events: body, JSON, ids of cookieless visitors, user-devices, answer.</summary>
internal sealed class EventsEndpoint(
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
    ILogger<EventsEndpoint> logger) : CaptureEndpoint(findFilter, options.RetryAfter, metrics, logger)
{
    protected override async Task<Outcome> Take(HttpRequest request)
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
        CaptureVerdict.Taken wanted = await Wanted(taken);
        if (wanted.Events.Count == 0)
        {
            return NothingWanted(wanted.Dropped);
        }

        wanted = await cookieless.Resolve(wanted, request);
        using Admission.Stay stay = admission.Enter(wanted.Events.Count);
        return Settle(wanted, await tracker.Track(wanted.Project, wanted.Events));
    }

    private async Task<CaptureVerdict> Read(HttpRequest request, BodyShare share)
    {
        using PooledBytes body = await reader.Read(request, share);
        return parser.Parse(body.Written, SentAtOf(request), time.GetUtcNow(), client.Of(request));
    }
}
