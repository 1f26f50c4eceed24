using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace Sessions.Host.Demo;

/// <summary>
/// Plays made-up visits into a project of its own, through the same capture endpoint that SDKs call: the past days at
/// once, and then new visitors as time goes on. Bounded: it ends by itself.
/// </summary>
internal sealed class DemoTraffic(Uri gateway, string token, Action<string> say, TimeProvider time)
{
    /// <summary>The project that the made-up visitors visit, so that nobody takes them for their own.</summary>
    public const string Project = "demo";

    /// <summary>How many past days there are.</summary>
    private const int Days = 14;

    /// <summary>How long new visitors come: long enough to look around, and no more than some thousand visits.</summary>
    private static readonly TimeSpan Lasts = TimeSpan.FromHours(2);

    private static readonly TimeSpan Pace = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan BetweenVisits = TimeSpan.FromSeconds(4);
    private const int MostAtOnce = 25;
    private const int BatchSize = 250;

    // A visit is over within a minute or two, for those who watch.
    private const double Paced = 0.4;

    /// <summary>The demo project's token and key: they follow from a secret, so they survive restarts.</summary>
    public static (string Token, string ApiKey) Access(string secret) =>
        ($"phc_demo{Derive(secret, "token")}", $"sk_demo{Derive(secret, "key")}");

    /// <summary>Plays until it has lasted long enough or is told to stop. A server that is away loses some made-up events.</summary>
    public async Task Play(CancellationToken cancel)
    {
        try
        {
            await PlayPast(cancel);
            await PlayPresent(cancel);
            say($"demo: no new visitors after {Lasts.TotalHours:0} hours; what there is stays");
        }
        catch (OperationCanceledException)
        {
            // Everything stops.
        }
    }

    private async Task PlayPast(CancellationToken cancel)
    {
        using HttpClient http = Http();
        DateTimeOffset now = time.GetUtcNow();
        DateOnly today = DateOnly.FromDateTime(now.UtcDateTime);
        // Whole visits only: one that is still on would be cut off in the middle.
        DemoEvent[] past =
        [
            .. Enumerable.Range(-Days, Days + 1)
                .SelectMany(offset => DemoVisits.OfDay(today.AddDays(offset)))
                .Where(visit => visit[^1].At < now)
                .SelectMany(visit => visit),
        ];
        foreach (DemoEvent[] batch in past.Chunk(BatchSize))
        {
            await Send(http, batch, cancel);
        }

        say($"demo: {past.Length} made-up events of the last {Days} days are in; new visitors come from now on");
    }

    private async Task PlayPresent(CancellationToken cancel)
    {
        using HttpClient http = Http();
        PriorityQueue<DemoEvent, DateTimeOffset> coming = new();
        List<DateTimeOffset> ends = [];
        DateTimeOffset begun = time.GetUtcNow();
        DateTimeOffset nextVisit = begun;
        using PeriodicTimer pace = new(Pace, time);
        while (await pace.WaitForNextTickAsync(cancel))
        {
            DateTimeOffset now = time.GetUtcNow();
            ends.RemoveAll(end => end < now);
            if (now - begun < Lasts && now >= nextVisit && ends.Count < MostAtOnce)
            {
                IReadOnlyList<DemoEvent> visit = DemoVisits.One(now, $"present {now.UtcTicks}", Paced);
                coming.EnqueueRange(visit.Select(happened => (happened, happened.At)));
                ends.Add(visit[^1].At);
                nextVisit = now + BetweenVisits;
            }

            List<DemoEvent> due = [];
            while (coming.TryPeek(out DemoEvent? next, out DateTimeOffset at) && at <= now)
            {
                due.Add(next);
                coming.Dequeue();
            }

            if (due.Count > 0)
            {
                await Send(http, due, cancel);
            }
            else if (coming.Count == 0 && now - begun >= Lasts)
            {
                return;
            }
        }
    }

    private async Task Send(HttpClient http, IReadOnlyList<DemoEvent> events, CancellationToken cancel)
    {
        JsonObject body = new()
        {
            ["api_key"] = token,
            ["batch"] = new JsonArray([.. events.Select(happened => happened.Json)]),
        };
        try
        {
            using HttpResponseMessage answer = await http.PostAsJsonAsync("/batch/", body, cancel);
            if (!answer.IsSuccessStatusCode)
            {
                say($"demo: {events.Count} events were answered {(int)answer.StatusCode}");
            }
        }
        catch (Exception away) when (away is HttpRequestException || (away is TaskCanceledException && !cancel.IsCancellationRequested))
        {
            say($"demo: {events.Count} events could not be sent: {away.Message}");
        }
    }

    private HttpClient Http() => new() { BaseAddress = gateway, Timeout = TimeSpan.FromSeconds(30) };

    private static string Derive(string secret, string purpose) =>
        Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), Encoding.UTF8.GetBytes($"demo {purpose}")))[..40];
}
