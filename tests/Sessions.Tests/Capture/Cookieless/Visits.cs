using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Sessions.Capture;
using Sessions.Capture.Cookieless;
using Sessions.Capture.Parsing;

namespace Sessions.Tests.Capture.Cookieless;

/// <summary>One event of a visitor without cookies, as posthog-js sends it. It is 2026-03-04 12:00 UTC.</summary>
internal sealed record Visit
{
    public string Token { get; init; } = Bodies.Token;
    public string Name { get; init; } = "$pageview";
    public string? Timestamp { get; init; }
    public string Address { get; init; } = "203.0.113.7";
    public string? ForwardedFor { get; init; }
    public string? Host { get; init; } = "www.shop.example";
    public string? Url { get; init; } = "https://www.shop.example/";
    public string? RawUserAgent { get; init; } = "Firefox";
    public string Header { get; init; } = "Firefox";
    public string? Zone { get; init; }
    public object? Mode { get; init; } = true;
    public string? DistinctId { get; init; } = CookielessVisitor.SentDistinctId;
    public string? DeviceId { get; init; }
    public string? SessionId { get; init; }

    public string Json => JsonSerializer.Serialize(new Dictionary<string, object?>
    {
        ["api_key"] = Token,
        ["event"] = Name,
        ["timestamp"] = Timestamp,
        ["properties"] = new Dictionary<string, object?>
        {
            ["$cookieless_mode"] = Mode,
            ["distinct_id"] = DistinctId,
            ["$device_id"] = DeviceId,
            ["$session_id"] = SessionId,
            ["$host"] = Host,
            ["$current_url"] = Url,
            ["$raw_user_agent"] = RawUserAgent,
            ["$timezone"] = Zone,
        },
    });
}

/// <summary>What a gateway makes of visits, each a request of its own, with salts that a test knows.</summary>
internal sealed class Visits
{
    private readonly CaptureParser _parser = new(
        new CaptureOptions(), new KnownTokens((Bodies.Token, Bodies.Project), ("phc_other", "other")), Bodies.NoPlaces);

    private readonly FakeTimeProvider _clock = new(Bodies.Now);

    /// <summary>Where the salts are kept.</summary>
    public CookielessSaltQueries Store { get; init; } = new DayNumbers();

    public CaptureOptions Options { get; } = new();

    public Task<CaptureVerdict> Take(Visit visit) => Take(visit, visit.Json);

    public async Task<CaptureVerdict> Take(Visit visit, string json)
    {
        CaptureVerdict verdict = _parser.Parse(Bodies.Utf8(json), null, Bodies.Now);
        if (verdict is not CaptureVerdict.Taken taken)
        {
            return verdict;
        }

        var context = new DefaultHttpContext();
        context.Connection.RemoteIpAddress = IPAddress.Parse(visit.Address);
        context.Request.Headers.UserAgent = visit.Header;
        context.Request.Headers["X-Forwarded-For"] = visit.ForwardedFor;
        CookielessSalts salts = new(Store, Options, _clock, NullLogger<CookielessSalts>.Instance);
        return await new CookielessEvents(salts, new ClientAddress(Options), _clock).Resolve(taken, context.Request);
    }

    public async Task<SessionEvent> Event(Visit visit) => Bodies.One(await Take(visit));

    public async Task<string> Id(Visit visit) => (await Event(visit)).DistinctId;

    /// <summary>Each day's salt is its number.</summary>
    private sealed class DayNumbers() : CookielessSaltQueries(CaptureServer.Nowhere)
    {
        public override Task<byte[]> GetOrAdd(DateOnly day, byte[] candidate, CancellationToken cancellation) =>
            Task.FromResult(BitConverter.GetBytes((long)day.DayNumber));
    }
}
