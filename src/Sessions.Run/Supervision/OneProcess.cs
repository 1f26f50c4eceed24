using Sessions.Host.Configuration;
using Sessions.Host.Roles;
using Sessions.Host.Telemetry;

namespace Sessions.Run.Supervision;

/// <summary>Silo and gateway in the supervisor's own process.</summary>
internal sealed class OneProcess : IRunning
{
    private readonly WebApplication _app;
    private readonly LogFile _log;
    private readonly string _postgres;
    private readonly Action<string> _say;
    private readonly TimeProvider _time;
    private readonly TaskCompletionSource<string> _failed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool _stopping;

    private OneProcess(WebApplication app, LogFile log, string http, string postgres, Action<string> say, TimeProvider time)
    {
        (_app, _log, _postgres, _say, _time) = (app, log, postgres, say, time);
        TelemetrySettings telemetry = TelemetrySettings.Read(app.Configuration);
        Metrics = OnlyThisMachine.Reaches(app.Configuration) ? [new("all", $"{http}{TelemetrySetup.MetricsPath}")]
            : telemetry.Port > 0 ? [new("all", $"http://127.0.0.1:{telemetry.Port}{TelemetrySetup.MetricsPath}")]
            : [];
    }

    public IReadOnlyList<ProcessEntry> Processes => [new("all", Environment.ProcessId, "all")];

    public IReadOnlyList<MetricsEntry> Metrics { get; }

    public Task<string> Failed => _failed.Task;

    /// <summary>Starts silo and gateway, and waits until they are ready.</summary>
    /// <param name="decided">The settings that the supervisor chose.</param>
    /// <param name="logs">The directory of logs. The terminal gets short lines, a file there the whole ones.</param>
    /// <param name="early">Takes the lines that the terminal gets after the announcement.</param>
    /// <param name="http">The gateway's address.</param>
    /// <param name="say">Prints a line for the user.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancel">Cancels the start.</param>
    public static async Task<OneProcess> Start(
        IReadOnlyDictionary<string, string?> decided, string logs, EarlyLines early, string http, Action<string> say, TimeProvider time, CancellationToken cancel)
    {
        LogFile log = new(Path.Combine(logs, "all.log"));
        WebApplication app = RoleHost.All(decided, lines => (lines.Whole, lines.Holds) = (line => Write(log, line), early.Hold));
        OneProcess running = new(app, log, http, decided[RoleConfiguration.Postgres]!, say, time);
        running._app.Lifetime.ApplicationStopped.Register(running.Stopped);
        Task start = running._app.StartAsync(cancel);
        try
        {
            await start.WaitAsync(cancel);
        }
        catch (OperationCanceledException)
        {
            // A start that waits for Postgres does not notice the cancellation at once.
            await Task.WhenAny(start, Task.Delay(StopPatience.WithoutPostgres, time, CancellationToken.None));
            throw;
        }

        return running;
    }

    public async Task Stop()
    {
        _stopping = true;
        using CancellationTokenSource over = new();
        StopPatience patience = StopPatience.WithProbe(_postgres, _say, _time, over.Token);
        // The host limits the time, unless it waits for Postgres.
        bool isStopped = await patience.Wait(EndApp(), Timeout.InfiniteTimeSpan);
        await over.CancelAsync();
        if (!isStopped)
        {
            _say("the silo could not sign off from the cluster; the next start does it");
        }
    }

    private async Task EndApp()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
        _log.Dispose();
    }

    // A full disk must not fail what logs. The terminal has the line, too.
    private static void Write(LogFile log, string line)
    {
        try
        {
            log.WriteLine(line);
        }
        catch (Exception unwritten) when (unwritten is IOException or ObjectDisposedException)
        {
            // Lines after the end of the process are in the terminal alone.
        }
    }

    private void Stopped()
    {
        if (!_stopping)
        {
            _failed.TrySetResult("the silo has stopped by itself; its log lines above name the reason");
        }
    }
}
