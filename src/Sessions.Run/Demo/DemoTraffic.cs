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
internal sealed class DemoTraffic(string gateway, string token, string apiKey, TimeProvider time) : IDisposable
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

    private readonly HttpClient _http = new() { BaseAddress = new Uri(gateway), Timeout = Patience };

    /// <summary>Sends visits until it is cancelled. While the gateway is unavailable, it waits.</summary>
    /// <param name="say">Prints a line for the user.</param>
    /// <param name="cancel">Stops the demo.</param>
    public async Task Run(Action<string> say, CancellationToken cancel)
    {
        try
        {
            await SetUpProject(cancel);
            DateTimeOffset now = time.GetUtcNow();
            int events = await PlayPast(now, cancel);
            say(string.Create(CultureInfo.InvariantCulture, $"demo: {PastDays} days of sample visits are stored ({events:N0} events); live sample visitors start now"));
            await PlayLive(now, cancel);
            say("demo: it has sent enough events and adds no new sample visitors");
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
            // The demo was stopped.
        }
        catch (Exception refused) when (refused is HttpRequestException or OperationCanceledException)
        {
            say($"demo: stopped, because the gateway did not accept its events: {refused.Message}");
        }
    }

    public void Dispose() => _http.Dispose();

    private async Task SetUpProject(CancellationToken cancel)
    {
        using HttpRequestMessage request = new(HttpMethod.Put, "/api/project")
        {
            // A short idle timeout, so that the pages soon show visitors who leave.
            Content = JsonContent.Create(new JsonObject { ["name"] = Name, ["ai_channel"] = true, ["idle_timeout_seconds"] = 300 }),
            Headers = { Authorization = new AuthenticationHeaderValue("Bearer", apiKey) },
        };
        using HttpResponseMessage answer = await _http.SendAsync(request, cancel);
        answer.EnsureSuccessStatusCode();
    }

    private async Task<int> PlayPast(DateTimeOffset now, CancellationToken cancel)
    {
        DateOnly today = DateOnly.FromDateTime(now.UtcDateTime);
        int played = 0;
        for (int ago = PastDays; ago >= 0; ago--)
        {
            // Today's events until now. Those to come are sent by PlayLive.
            IEnumerable<DemoEvent> day = DemoVisits.OfDay(today.AddDays(-ago), VisitsADay, ago < RecordedDays).Where(made => made.Time <= now);
            foreach (DemoEvent[] some in day.Chunk(EventsARequest))
            {
                await Send(some, cancel);
                played += some.Length;
            }
        }

        return played;
    }

    private async Task PlayLive(DateTimeOffset played, CancellationToken cancel)
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

            await Send(due, cancel);
        }
        while ((made < MostLiveEvents || coming.Count > 0) && await timer.WaitForNextTickAsync(cancel));
    }

    private async Task Send(IReadOnlyCollection<DemoEvent> events, CancellationToken cancel)
    {
        JsonObject[] plain = [.. events.Where(made => !made.IsRecording).Select(made => made.Body)];
        if (plain.Length > 0)
        {
            await Send("/batch/", new JsonObject { ["api_key"] = token, ["batch"] = new JsonArray([.. plain.Select(body => body.DeepClone())]) }, cancel);
        }

        foreach (DemoEvent[] some in events.Where(made => made.IsRecording).Chunk(RecordingsARequest))
        {
            JsonArray recorded = [.. some.Select(made => made.Body.DeepClone())];
            foreach (JsonNode? one in recorded)
            {
                one!["api_key"] = token;
            }

            await Send("/s/", recorded, cancel);
        }
    }

    /// <summary>
    /// Sends until the gateway accepts, which is safe because an event counts once. Gives up after half a minute.
    /// </summary>
    private async Task Send(string address, JsonNode body, CancellationToken cancel)
    {
        long begun = time.GetTimestamp();
        while (true)
        {
            try
            {
                using HttpResponseMessage answer = await _http.PostAsJsonAsync(address, body, cancel);
                if (answer.StatusCode != HttpStatusCode.ServiceUnavailable)
                {
                    answer.EnsureSuccessStatusCode();
                    return;
                }
            }
            catch (HttpRequestException away) when (away.StatusCode is null && time.GetElapsedTime(begun) < Patience)
            {
                // The gateway is restarting.
            }

            if (time.GetElapsedTime(begun) >= Patience)
            {
                throw new HttpRequestException("it was unavailable for too long");
            }

            await Task.Delay(Tick, time, cancel);
        }
    }
}
