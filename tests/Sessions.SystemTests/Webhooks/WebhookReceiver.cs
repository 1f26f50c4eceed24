using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Sessions.SystemTests.Harness;

namespace Sessions.SystemTests.Webhooks;

/// <summary>A delivery as it came.</summary>
public sealed record Delivery(IHeaderDictionary Headers, byte[] Body, DateTimeOffset At)
{
    public string Id => Headers["webhook-id"].ToString();

    public JsonNode Json => JsonNode.Parse(Body)!;

    public string Type => (string)Json["type"]!;

    public int Version => (int)Json["version"]!;

    public string? SessionId => (string?)Json["data"]!["$session_id"];
}

/// <summary>Somebody's server that a webhook leads to.</summary>
public sealed class WebhookReceiver : IAsyncDisposable
{
    private static readonly TimeSpan Arrival = TimeSpan.FromMinutes(2);

    private readonly WebApplication _app;
    private readonly ConcurrentQueue<Delivery> _taken = [];
    private int _refuse;

    private WebhookReceiver(WebApplication app) => _app = app;

    /// <summary>What it answers while it refuses.</summary>
    public HttpStatusCode Refusal { get; set; } = HttpStatusCode.InternalServerError;

    /// <summary>The webhook's id, once it is made.</summary>
    public string Webhook { get; private set; } = "";

    /// <summary>The webhook's secret.</summary>
    public string Secret { get; private set; } = "";

    /// <summary>How many it has refused.</summary>
    public int Refused { get; private set; }

    /// <summary>Starts it, and makes a webhook that leads to it.</summary>
    public static async Task<WebhookReceiver> Start(Gateway gateway)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        WebhookReceiver receiver = new(builder.Build());
        receiver._app.MapPost("/hook", receiver.Take);
        await receiver._app.StartAsync();
        using HttpResponseMessage answer = await gateway.Ask(
            HttpMethod.Post, "/api/project/webhooks", JsonContent.Create(new { url = $"{receiver._app.Urls.First()}/hook" }));
        JsonNode made = JsonNode.Parse(await answer.Content.ReadAsStringAsync())!;
        Assert.True(answer.IsSuccessStatusCode, $"{made}");
        (receiver.Webhook, receiver.Secret) = ((string)made["id"]!, (string)made["secret"]!);
        return receiver;
    }

    /// <summary>Refuses so many from now on.</summary>
    public void Refuse(int deliveries) => Interlocked.Exchange(ref _refuse, deliveries);

    /// <summary>What it has taken of a session, in the order in which it came.</summary>
    public Delivery[] Of(string session) => [.. _taken.Where(one => one.SessionId == session)];

    /// <summary>The same, as soon as it ends with this type.</summary>
    public Task<Delivery[]> Until(string session, string type) => Wait.For(
        () => Task.FromResult(Of(session) is { Length: > 0 } all && all[^1].Type == type ? all : null),
        $"session {session} was not told as {type}",
        Arrival);

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task Take(HttpContext context)
    {
        using MemoryStream body = new();
        await context.Request.Body.CopyToAsync(body);
        if (Interlocked.Decrement(ref _refuse) >= 0)
        {
            Refused++;
            context.Response.StatusCode = (int)Refusal;
            return;
        }

        HeaderDictionary headers = new(context.Request.Headers.ToDictionary(one => one.Key, one => one.Value));
        _taken.Enqueue(new Delivery(headers, body.ToArray(), DateTimeOffset.UtcNow));
    }
}
