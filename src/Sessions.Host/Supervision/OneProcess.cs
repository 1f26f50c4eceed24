using Sessions.Host.Roles;
using Sessions.Host.Telemetry;

namespace Sessions.Host.Supervision;

/// <summary>Silo and gateway in the supervisor's own process.</summary>
internal sealed class OneProcess : IRunning
{
    private readonly WebApplication _app;
    private readonly TaskCompletionSource<string> _failed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool _stopping;

    private OneProcess(WebApplication app, string http) => (_app, Metrics) = (app, [new("all", $"{http}{TelemetrySetup.MetricsPath}")]);

    public IReadOnlyList<ProcessEntry> Processes => [new("all", Environment.ProcessId, "all")];

    public IReadOnlyList<MetricsEntry> Metrics { get; }

    public Task<string> Failed => _failed.Task;

    public static async Task<OneProcess> Start(IReadOnlyDictionary<string, string?> decided, string http, CancellationToken cancel)
    {
        OneProcess running = new(RoleHost.All(decided), http);
        running._app.Lifetime.ApplicationStopped.Register(running.Stopped);
        await running._app.StartAsync(cancel);
        return running;
    }

    public async Task Stop()
    {
        _stopping = true;
        await _app.StopAsync();
        await _app.DisposeAsync();
    }

    private void Stopped()
    {
        if (!_stopping)
        {
            _failed.TrySetResult("the silo has stopped by itself; its log above says why");
        }
    }
}
