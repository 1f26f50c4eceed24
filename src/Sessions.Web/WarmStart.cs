using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Sessions.Queries;
using Sessions.Queries.Aggregates;
using Sessions.Queries.Engines;
using Sessions.Web.Analytics;

namespace Sessions.Web;

/// <summary>
/// Does before the start is over what the first request would wait for: ASP.NET makes the code of all endpoints when one is first
/// looked for, which takes most of a second, and the first question of the columns waits for the compiler.
/// </summary>
internal sealed class WarmStart(
    IServiceProvider services, QueryEngines engines, WebAnalytics analytics, IOptions<QueryOptions> options, TimeProvider time) : IHostedLifecycleService
{
    // The start must not wait long for an engine that is busy.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    private RequestDelegate? _routing;

    /// <summary>A middleware that does nothing. What is behind it gets the request.</summary>
    public RequestDelegate Before(RequestDelegate next) => _routing = next;

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Called when the server listens. Only then the endpoints are known.</summary>
    public Task StartedAsync(CancellationToken cancellationToken) =>
        Task.WhenAll(Try(Request, cancellationToken), Try(Ask, cancellationToken));

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private static Task Try(Func<CancellationToken, Task> prepare, CancellationToken starting) => Task.Run(
        async () =>
        {
            try
            {
                await prepare(starting);
            }
            catch (Exception failure) when (failure is not OutOfMemoryException && !starting.IsCancellationRequested)
            {
                // It only saves time. The next request meets the same fault, which is answered and logged there.
            }
        },
        starting);

    private async Task Request(CancellationToken starting)
    {
        if (_routing is null)
        {
            return;
        }

        await using AsyncServiceScope scope = services.CreateAsyncScope();
        await _routing(new DefaultHttpContext
        {
            RequestServices = scope.ServiceProvider,
            RequestAborted = starting,
            Request = { Method = HttpMethods.Get, Path = GatewayComposition.LivePath },
        });
    }

    private async Task Ask(CancellationToken starting)
    {
        if (!engines.HasColumns)
        {
            return;
        }

        DateTimeOffset now = time.GetUtcNow();
        await analytics.GetOverviews(
                [new WebRange(ProjectId.Default, now.AddHours(-1), now, [])],
                new StatementLimits(Patience, options.Value.WorkMemoryMegabytes),
                starting)
            .WaitAsync(Patience, time, starting);
    }
}
