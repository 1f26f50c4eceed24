using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json.Nodes;

namespace Sessions.Run.Demo;

/// <summary>
/// Sends visits of sample visitors through capture, as SDKs do: first two past weeks, then visitors as they come. Both are of one
/// plan, so that nothing on the pages shows where the past ends.
/// They are in a project of their own, so that sample data never mixes with real data.
/// </summary>
/// <param name="gateway">The gateway's address.</param>
/// <param name="token">The token of the demo's project.</param>
/// <param name="apiKey">Its API key.</param>
/// <param name="time">The clock.</param>
/// <param name="network">Sends the requests; null for the network.</param>
internal sealed class DemoTraffic(string gateway, string token, string apiKey, TimeProvider time, HttpMessageHandler? network = null) : IDisposable
{
    /// <summary>The demo's project.</summary>
    public const string Project = "demo";

    /// <summary>The project's name on the pages.</summary>
    public const string Name = "Demo (sample visitors)";

    private const int PastDays = 14;
    private const int RecordedDays = 2;
    private const int VisitsADay = 900;
    private const int EventsARequest = 500;
    private const int RecordingsARequest = 10;

    /// <summary>
    /// After this number of events the demo adds no new visitors, so that a forgotten demo does not fill the disk.
    /// </summary>
    private const int MostLiveEvents = 100_000;

    private static readonly TimeSpan Tick = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly HttpClient _http = new(network ?? new SocketsHttpHandler()) { BaseAddress = new Uri(gateway), Timeout = Patience };
    private bool _isWaiting;

    /// <summary>Sends visits until it is cancelled. While the gateway is unavailable, it tries again every second and says so once.</summary>
    /// <param name="say">Prints a line for the user.</param>
    /// <param name="cancel">Stops the demo.</param>
    public async Task Run(Action<string> say, CancellationToken cancel)
    {
        try
        {
            await SetUpProject(say, cancel);
            DateTimeOffset now = time.GetUtcNow();
            int events = await PlayPast(now, say, cancel);
            say(string.Create(CultureInfo.InvariantCulture, $"demo: {PastDays} days of sample visits are stored ({events:N0} events); live sample visitors start now"));
            await PlayLive(now, say, cancel);
            say("demo: it has sent enough events and adds no new sample visitors");
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
            // The demo was stopped.
        }
        catch (HttpRequestException refused)
        {
            say($"demo: stopped, because the gateway refused what it sent: {refused.Message}");
        }
    }

    public void Dispose() => _http.Dispose();

    private Task SetUpProject(Action<string> say, CancellationToken cancel) => Send(
        () => new(HttpMethod.Put, "/api/project")
        {
            // A short idle timeout, so that the pages soon show visitors who leave.
            Content = JsonContent.Create(new JsonObject { ["name"] = Name, ["ai_channel"] = true, ["idle_timeout_seconds"] = 300 }),
            Headers = { Authorization = new AuthenticationHeaderValue("Bearer", apiKey) },
        },
        say,
        cancel);

    private async Task<int> PlayPast(DateTimeOffset now, Action<string> say, CancellationToken cancel)
    {
        DateOnly today = DateOnly.FromDateTime(now.UtcDateTime);
        int played = 0;
        for (int ago = PastDays; ago >= 0; ago--)
        {
            // Today's events until now. Those to come are sent by PlayLive.
            IEnumerable<DemoEvent> day = DemoVisits.OfDay(today.AddDays(-ago), VisitsADay, ago < RecordedDays).Where(made => made.Time <= now);
            foreach (DemoEvent[] some in day.Chunk(EventsARequest))
            {
                await Send(some, say, cancel);
                played += some.Length;
            }
        }

        return played;
    }

    private async Task PlayLive(DateTimeOffset played, Action<string> say, CancellationToken cancel)
    {
        PriorityQueue<DemoEvent, DateTimeOffset> coming = new();
        using PeriodicTimer timer = new(Tick, time);
        int made = 0;
        DateOnly? planned = null;
        do
        {
            DateTimeOffset now = time.GetUtcNow();
            var today = DateOnly.FromDateTime(now.UtcDateTime);
            if (made < MostLiveEvents && planned != today)
            {
                planned = today;
                foreach (DemoEvent next in DemoVisits.OfDay(today, VisitsADay, isRecorded: true).Where(next => next.Time > played))
                {
                    coming.Enqueue(next, next.Time);
                    made++;
                }
            }

            List<DemoEvent> due = [];
            while (coming.TryPeek(out _, out DateTimeOffset at) && at <= now)
            {
                due.Add(coming.Dequeue());
            }

            await Send(due, say, cancel);
        }
        while ((made < MostLiveEvents || coming.Count > 0) && await timer.WaitForNextTickAsync(cancel));
    }

    private async Task Send(IReadOnlyCollection<DemoEvent> events, Action<string> say, CancellationToken cancel)
    {
        JsonObject[] plain = [.. events.Where(made => !made.IsRecording).Select(made => made.Body)];
        if (plain.Length > 0)
        {
            await Send("/batch/", new JsonObject { ["api_key"] = token, ["batch"] = new JsonArray([.. plain.Select(body => body.DeepClone())]) }, say, cancel);
        }

        foreach (DemoEvent[] some in events.Where(made => made.IsRecording).Chunk(RecordingsARequest))
        {
            JsonArray recorded = [.. some.Select(made => made.Body.DeepClone())];
            foreach (JsonNode? one in recorded)
            {
                one!["api_key"] = token;
            }

            await Send("/s/", recorded, say, cancel);
        }
    }

    private Task Send(string address, JsonNode body, Action<string> say, CancellationToken cancel) =>
        Send(() => new(HttpMethod.Post, address) { Content = JsonContent.Create(body) }, say, cancel);

    /// <summary>Sends until the gateway takes it, which is safe because an event counts once.</summary>
    /// <exception cref="HttpRequestException">The gateway refuses it, and would refuse it again.</exception>
    private async Task Send(Func<HttpRequestMessage> make, Action<string> say, CancellationToken cancel)
    {
        while (await Try(make, cancel) is { } reason)
        {
            if (!_isWaiting)
            {
                _isWaiting = true;
                say($"demo: the gateway does not take the sample visits yet ({reason}); it tries again every second");
            }

            await Task.Delay(Tick, time, cancel);
        }

        _isWaiting = false;
    }

    /// <summary>Sends once; returns why the gateway did not take it, or null when it did.</summary>
    private async Task<string?> Try(Func<HttpRequestMessage> make, CancellationToken cancel)
    {
        try
        {
            using HttpRequestMessage request = make();
            using HttpResponseMessage answer = await _http.SendAsync(request, cancel);
            if (MayBeTakenLater(answer.StatusCode))
            {
                return $"{(int)answer.StatusCode}";
            }

            return answer.IsSuccessStatusCode
                ? null
                : throw new HttpRequestException($"{request.Method} {request.RequestUri?.AbsolutePath} was answered with {(int)answer.StatusCode}", null, answer.StatusCode);
        }
        catch (HttpRequestException away) when (away.StatusCode is null)
        {
            return away.Message;
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            return $"no answer within {Patience.TotalSeconds:0} seconds";
        }
    }

    private static bool MayBeTakenLater(HttpStatusCode status) =>
        status is HttpStatusCode.TooManyRequests or HttpStatusCode.RequestTimeout or >= HttpStatusCode.InternalServerError;
}
