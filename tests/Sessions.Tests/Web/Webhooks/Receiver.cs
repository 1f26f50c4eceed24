using System.Collections.Concurrent;
using System.Net;
using System.Text.Json.Nodes;
using System.Threading.Channels;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Sessions.Domain.Webhooks;

namespace Sessions.Tests.Web.Webhooks;

/// <summary>What somebody got.</summary>
internal sealed record Received(string Path, string Id, string Timestamp, string Signature, byte[] Body)
{
    public JsonNode Json => JsonNode.Parse(Body)!;

    public string Type => (string)Json["type"]!;

    public string SessionId => (string)Json["data"]!["$session_id"]!;

    public int Version => (int)Json["version"]!;

    public bool IsSignedWith(string secret) => WebhookSignature.IsValid(
        secret, Id, Timestamp, Signature, Body, TimeProvider.System.GetUtcNow(), TimeSpan.FromMinutes(5));
}

/// <summary>Somebody else's server, which gets what webhooks are told.</summary>
internal sealed class Receiver : IAsyncDisposable
{
    private readonly Channel<Received> _received = Channel.CreateUnbounded<Received>();
    private readonly WebApplication _app;

    private Receiver(WebApplication app) => _app = app;

    public string Address => _app.Urls.First();

    /// <summary>All that came, also what was refused.</summary>
    public ConcurrentQueue<Received> All { get; } = [];

    /// <summary>What to answer, given how much came before.</summary>
    public Func<Received, int, Task<HttpStatusCode>> Answer { get; set; } = (_, _) => Task.FromResult(HttpStatusCode.NoContent);

    /// <summary>What <c>Retry-After</c> says with whatever is no success.</summary>
    public string? RetryAfter { get; set; }

    public static async Task<Receiver> Start()
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        WebApplication app = builder.Build();
        Receiver receiver = new(app);
        app.MapPost("/{**path}", receiver.Take);
        await app.StartAsync();
        return receiver;
    }

    /// <summary>The next that was answered with 2xx.</summary>
    public async Task<Received> Next() => await _received.Reader.ReadAsync(TestContext.Current.CancellationToken);

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task Take(HttpContext context)
    {
        using MemoryStream body = new();
        await context.Request.Body.CopyToAsync(body);
        IHeaderDictionary headers = context.Request.Headers;
        Received received = new(
            context.Request.Path, headers["webhook-id"]!, headers["webhook-timestamp"]!, headers["webhook-signature"]!, body.ToArray());
        int before;
        lock (All)
        {
            before = All.Count;
            All.Enqueue(received);
        }

        HttpStatusCode status = await Answer(received, before);
        context.Response.StatusCode = (int)status;
        if ((int)status is >= 200 and < 300)
        {
            await _received.Writer.WriteAsync(received);
        }
        else if (RetryAfter is { } pause)
        {
            context.Response.Headers.RetryAfter = pause;
        }
    }
}
