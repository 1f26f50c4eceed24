using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;

namespace Sessions.SystemTests.Harness;

/// <summary>One gateway, as an SDK and as a program with an API key talk to it.</summary>
public sealed class Gateway(Uri address, string token, string apiKey) : IDisposable
{
    private static readonly TimeSpan Arrival = TimeSpan.FromSeconds(30);

    // On a busy machine silos and gateways find each other late; until then the answer is 503, and SDKs send again.
    private static readonly TimeSpan Availability = TimeSpan.FromMinutes(1);

    private readonly HttpClient _http = new() { BaseAddress = address, Timeout = TimeSpan.FromSeconds(60) };

    public Uri Address { get; } = address;

    public string Token { get; } = token;

    /// <summary>Sends a batch as SDKs do.</summary>
    public Task<HttpResponseMessage> Capture(IEnumerable<JsonObject> events, DateTimeOffset? sentAt = null, CancellationToken cancel = default)
    {
        JsonObject body = new() { ["api_key"] = Token, ["batch"] = new JsonArray([.. events.Select(e => e.DeepClone())]) };
        if (sentAt is { } at)
        {
            body["sent_at"] = at.UtcDateTime.ToString(Events.TimeFormat, CultureInfo.InvariantCulture);
        }

        return Post("/batch/", new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json"), cancel);
    }

    /// <summary>The body of an answer with 200, asked for again as long as it is 503; null for 404.</summary>
    public static async Task<JsonNode?> Available(Func<Task<HttpResponseMessage>> ask)
    {
        HttpStatusCode status = default;
        string text = "";
        await Wait.For(
            async () =>
            {
                using HttpResponseMessage answer = await ask();
                (status, text) = (answer.StatusCode, await answer.Content.ReadAsStringAsync());
                return status != HttpStatusCode.ServiceUnavailable;
            },
            () => $"still unavailable: {text}",
            Availability);
        Assert.True(status is HttpStatusCode.OK or HttpStatusCode.NotFound, $"{(int)status} {text}");
        return status == HttpStatusCode.OK ? JsonNode.Parse(text) : null;
    }

    /// <summary>Sends a batch that must be taken whole.</summary>
    public async Task Track(params JsonObject[] events) =>
        Assert.Null((await Available(() => Capture(events)))!["dropped"]);

    public Task<HttpResponseMessage> Post(string path, HttpContent body, CancellationToken cancel = default) =>
        _http.PostAsync(path, body, cancel);

    /// <summary>The session as the API has it; null when there is none.</summary>
    public async Task<JsonObject?> Session(string id) =>
        (JsonObject?)await Available(() => Ask(HttpMethod.Get, $"/api/sessions/{id}"));

    /// <summary>The session as webhooks have it: they do not say whether its recording can be played.</summary>
    public async Task<JsonObject?> SessionOfWebhooks(string id)
    {
        JsonObject? session = await Session(id);
        foreach (string name in (string[])["playable", "problem", "problem_detail"])
        {
            session?.Remove(name);
        }

        return session;
    }

    /// <summary>The session as soon as it has that many events.</summary>
    public Task<JsonObject> SessionWith(string id, int events)
    {
        JsonObject? now = null;
        return Wait.For(
            async () => (int?)(now = await Session(id))?["$event_count"] >= events ? now : null,
            () => $"session {id} did not get its {events} events: {now?.ToJsonString() ?? "it is not there"}",
            Arrival);
    }

    /// <summary>The live session of a user-device; null when it has none.</summary>
    public async Task<JsonObject?> LiveSession(string device) =>
        (JsonObject?)await Available(() => Ask(HttpMethod.Get, $"/api/devices/{Uri.EscapeDataString(device)}"));

    /// <summary>Any call with the API key.</summary>
    public async Task<HttpResponseMessage> Ask(HttpMethod method, string path, HttpContent? body = null)
    {
        using HttpRequestMessage request = new(method, path) { Content = body };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", apiKey);
        return await _http.SendAsync(request);
    }

    /// <summary>What a call answers, as it comes.</summary>
    public async Task<Stream> Open(string path, CancellationToken cancel)
    {
        using HttpRequestMessage request = new(HttpMethod.Get, path);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", apiKey);
        HttpResponseMessage answer = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancel);
        Assert.True(answer.StatusCode == HttpStatusCode.OK, $"{(int)answer.StatusCode}");
        return await answer.Content.ReadAsStreamAsync(cancel);
    }

    public void Dispose() => _http.Dispose();
}
