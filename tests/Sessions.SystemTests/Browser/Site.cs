using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;
using Sessions.SystemTests.Harness;

namespace Sessions.SystemTests.Browser;

/// <summary>
/// Somebody's web site, on an origin of its own, with a few pages that all load posthog-js the one way or the other.
/// It asks the SDK to show it each event and keeps a log in the browser's storage: what a page says when it is left goes
/// out as a beacon, which cannot be watched from outside. What is recorded of the page is no event, and not in the log.
/// </summary>
public sealed class Site : IAsyncDisposable
{
    private const string Log = "(e) => { if (e.event !== '$snapshot') localStorage['log ' + e.uuid] = JSON.stringify(e); return e; }";

    // posthog-js takes events out of its queue, compresses them in the background where the browser can, and sends them
    // then: of a page that is left in between nobody gets to see them. Without that it compresses at once, as in older
    // browsers. What is pasted is left as it is, so that the other way is tested too.
    private const string CompressAtOnce = "<script>delete window.CompressionStream;</script>";

    private readonly WebApplication _app;

    private Site(WebApplication app, Uri address)
    {
        _app = app;
        Address = address;
    }

    public Uri Address { get; }

    /// <summary>A page of the site that has no SDK.</summary>
    public Uri LogPage => new(Address, "log");

    /// <summary>A site whose pages import posthog-js as their bundler took it from npm.</summary>
    /// <param name="gateway">Where the SDK sends to.</param>
    /// <param name="options">More of the SDK's options, as in JavaScript, each with a comma after it.</param>
    public static Task<Site> WithThePackage(Gateway gateway, string options = "") =>
        Open($$"""
            {{CompressAtOnce}}
            <script type="module">
              import posthog from '/posthog-js/module.js';
              posthog.init('{{gateway.Token}}', { api_host: '{{gateway.Address.GetLeftPart(UriPartial.Authority)}}', {{options}} before_send: {{Log}} });
              window.posthog = posthog;
            </script>
            """);

    /// <summary>A site whose pages load the SDK from the gateway, by a snippet that queues calls until it is there.</summary>
    public static Task<Site> WithTheSnippet(Gateway gateway) =>
        Open($$"""
            {{CompressAtOnce}}
            <script>
              // The SDK, when it comes, takes over this list: it begins the instances in _i and makes the calls in it.
              const queue = window.posthog = [];
              queue.__SV = 1;
              queue._i = [['{{gateway.Token}}', { api_host: '{{gateway.Address.GetLeftPart(UriPartial.Authority)}}', before_send: {{Log}} }, 'posthog']];
              queue.people = [];
              queue.capture = (...rest) => queue.push(['capture', ...rest]);
              queue.capture('asked before the SDK was there');
              const script = document.createElement('script');
              script.async = true;
              script.src = '{{gateway.Address.GetLeftPart(UriPartial.Authority)}}/static/array.js';
              document.head.appendChild(script);
            </script>
            """);

    /// <summary>A site whose pages have this in their heads.</summary>
    public static Task<Site> WithPasted(string html) => Open(html);

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();

    private static async Task<Site> Open(string tracking)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        WebApplication app = builder.Build();
        Uri address = new($"http://localhost:{Ports.Free()}/");
        app.Urls.Add(address.ToString());

        string package = Path.Combine(Repository.NpmPackage("posthog-js"), "dist");
        app.MapGet("/posthog-js/{file}", (string file) => Results.File(Path.Combine(package, Path.GetFileName(file)), "text/javascript"));
        // Browsers ask for it by themselves, and a 404 would be an error on the console.
        app.MapGet("/favicon.ico", () => Results.NoContent());
        app.MapGet("/log", () => Results.Content(Page("log", ""), "text/html; charset=utf-8"));
        app.MapGet("/{**page}", (string? page) => Results.Content(Page(page, tracking), "text/html; charset=utf-8"));
        await app.StartAsync();
        return new Site(app, address);
    }

    private static string Page(string? name, string tracking) =>
        $"""
        <!doctype html>
        <html>
          <head><title>Page {name}</title>{tracking}</head>
          <body>
            <h1>Page {name}</h1>
            <button id="buy">Buy</button>
            <input id="name" aria-label="Name" autocomplete="off">
            <a id="next" href="/prices?plan=yearly#details">Prices</a>
          </body>
        </html>
        """;
}
