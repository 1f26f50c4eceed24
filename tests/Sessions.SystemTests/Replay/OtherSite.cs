using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Sessions.SystemTests.Harness;

namespace Sessions.SystemTests.Replay;

/// <summary>A request that a server received.</summary>
public sealed record Visited(string Path, string Referrer, string Cookie);

/// <summary>
/// Somebody's server, which serves the pictures and styles of a page. Its host is another one than the gateway's, because
/// browsers send cookies to all ports of a host.
/// </summary>
internal sealed class OtherSite : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentQueue<Visited> _visits = new();

    private OtherSite(WebApplication app, Uri address)
    {
        _app = app;
        Address = address;
    }

    public Uri Address { get; }

    public IReadOnlyCollection<Visited> Visits => _visits;

    public static async Task<OtherSite> Start()
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        Uri address = new($"http://localhost:{Ports.Free()}/");
        OtherSite site = new(builder.Build(), address);
        site._app.Urls.Add(address.ToString());
        site._app.MapGet("/{**path}", site.Answer);
        await site._app.StartAsync();
        return site;
    }

    public bool HasAll(IEnumerable<string> paths) => paths.All(path => Visits.Any(visit => visit.Path == path));

    public void Forget() => _visits.Clear();

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private IResult Answer(HttpRequest request)
    {
        _visits.Enqueue(new Visited(request.Path, request.Headers.Referer.ToString(), request.Headers.Cookie.ToString()));
        string type = request.Path.Value switch
        {
            "/css" or "/import" => "text/css",
            "/video" => "video/mp4",
            _ => "image/svg+xml",
        };
        return Results.Content(type == "image/svg+xml" ? """<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>""" : "", type);
    }
}
