using System.Net;
using OpenTelemetry.Metrics;

namespace Sessions.Host.Telemetry;

/// <summary>
/// A port for monitoring, apart from the public one: it serves <c>/metrics</c>, and the health of a silo, which has no
/// other HTTP.
/// </summary>
internal sealed class TelemetryListener(TelemetrySettings settings, MeterProvider metrics, SiloReady? silo) : IHostedService, IAsyncDisposable
{
    private static readonly TimeSpan ReadyTimeout = TimeSpan.FromSeconds(5);

    private WebApplication? _app;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Parse(settings.Address), settings.Port));
        builder.Services.AddRoutingCore();
        _app = builder.Build();
        _app.UseRouting();
        _app.UseOpenTelemetryPrometheusScrapingEndpoint(metrics, predicate: null, TelemetrySetup.MetricsPath, configureBranchedPipeline: null, optionsName: null);
        _app.MapGet("/health/live", () => "Healthy");
        if (silo is not null)
        {
            _app.MapGet("/health/ready", (RequestDelegate)Ready);
        }

        await _app.StartAsync(cancellationToken);
    }

    public Task StopAsync(CancellationToken cancellationToken) => _app?.StopAsync(cancellationToken) ?? Task.CompletedTask;

    public ValueTask DisposeAsync() => _app?.DisposeAsync() ?? ValueTask.CompletedTask;

    private async Task Ready(HttpContext context)
    {
        using CancellationTokenSource patience = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted);
        patience.CancelAfter(ReadyTimeout);
        string? fault = await silo!.FindFault(patience.Token);
        context.Response.StatusCode = fault is null ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable;
        string answer = fault is not null ? $"Unhealthy\n{fault}"
            : silo.Concerns is { Count: > 0 } concerns ? $"Degraded\n{string.Join('\n', concerns)}"
            : "Healthy";
        await context.Response.WriteAsync(answer, context.RequestAborted);
    }
}
