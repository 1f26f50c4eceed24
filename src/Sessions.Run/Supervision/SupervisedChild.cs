using Sessions.Host;
using Sessions.Host.Configuration;

namespace Sessions.Run.Supervision;

/// <summary>A child process that is restarted whenever it dies.</summary>
internal sealed class SupervisedChild : IDisposable
{
    /// <summary>The pauses before restarts. They grow when a child dies again and again at its start.</summary>
    private static readonly TimeSpan[] Pauses =
        [TimeSpan.Zero, .. new double[] { 0.5, 1, 2, 5, 10 }.Select(TimeSpan.FromSeconds)];

    /// <summary>A child that has run for this long has recovered.</summary>
    private static readonly TimeSpan Recovered = TimeSpan.FromMinutes(1);

    private readonly ChildSpec _spec;
    private readonly LogFile _log;
    private readonly ErrorDigest _digest;
    private readonly Action<string> _say;
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _stopping = new();
    private ChildProcess? _process;
    private Task _keeping = Task.CompletedTask;

    public SupervisedChild(ChildSpec spec, string logDirectory, Action<string> say, TimeProvider time)
    {
        _spec = spec;
        _say = say;
        _time = time;
        _log = new LogFile(Path.Combine(logDirectory, $"{spec.Name}.log"));
        _digest = new ErrorDigest(spec.Name, say, time);
    }

    /// <summary>Called after the child died, before it is restarted.</summary>
    public Func<Task>? Died { get; init; }

    /// <summary>Called when the child is ready again after it died.</summary>
    public Action? Revived { get; init; }

    public ProcessEntry Entry => new(_spec.Role, _process?.Id ?? 0, _spec.Name);

    public string Role => _spec.Role;

    /// <summary>The settings that the supervisor chose.</summary>
    public IReadOnlyDictionary<string, string> Settings => _spec.Settings;

    /// <summary>Starts the child for the first time and waits until it is ready.</summary>
    /// <exception cref="ConfigurationException">The child reports that its configuration is wrong.</exception>
    /// <exception cref="InvalidOperationException">The child ended before it was ready.</exception>
    public async Task Start(CancellationToken cancel)
    {
        ChildProcess first = Begin();
        await Task.WhenAny(first.Ready, first.Exited).WaitAsync(cancel);
        if (first.Ready.IsCompleted)
        {
            _keeping = Keep(first);
            return;
        }

        throw await first.Exited == ExitCodes.Wrong
            ? new ConfigurationException(WithoutPrefix(first.LastError))
            : new InvalidOperationException($"{_spec.Name} ended with exit code {first.Exited.Result}: {WithoutPrefix(first.LastError)} (see its log)");
    }

    /// <summary>Stops the child without restarting it.</summary>
    public async Task Stop(TimeSpan most, StopPatience patience)
    {
        await _stopping.CancelAsync();
        if (_process is { } process)
        {
            await process.Stop(most, patience);
        }

        await _keeping;
    }

    public void Dispose()
    {
        _process?.Dispose();
        _log.Dispose();
        _stopping.Dispose();
    }

    private async Task Keep(ChildProcess alive)
    {
        int deaths = 0;
        while (true)
        {
            long born = _time.GetTimestamp();
            int exitCode = await alive.Exited;
            if (_stopping.IsCancellationRequested)
            {
                return;
            }

            deaths = _time.GetElapsedTime(born) > Recovered ? 0 : deaths;
            TimeSpan pause = Pauses[Math.Min(deaths++, Pauses.Length - 1)];
            string ended = exitCode == ExitCodes.Stopped ? "was stopped" : $"died with exit code {exitCode}";
            _say($"{_spec.Name} (process {alive.Id}) {ended}; starting it again"
                + (pause > TimeSpan.Zero ? $" in {pause.TotalSeconds} s" : ""));
            try
            {
                await (Died?.Invoke() ?? Task.CompletedTask);
                await Task.Delay(pause, _time, _stopping.Token);
            }
            catch (OperationCanceledException)
            {
                return;
            }

            alive.Dispose();
            alive = Begin();
            ReportWhenReady(alive);
        }
    }

    private void ReportWhenReady(ChildProcess process) => process.Ready.ContinueWith(
        _ =>
        {
            _say($"{_spec.Name} is back as process {process.Id}");
            Revived?.Invoke();
        },
        CancellationToken.None,
        TaskContinuationOptions.OnlyOnRanToCompletion,
        TaskScheduler.Default);

    private ChildProcess Begin()
    {
        _process = ChildProcess.Start(_spec, line =>
        {
            _log.WriteLine(line);
            _digest.See(line);
        });
        return _process;
    }

    private static string WithoutPrefix(string error) =>
        error.StartsWith(ExitCodes.Prefix, StringComparison.Ordinal) ? error[ExitCodes.Prefix.Length..] : error;
}
