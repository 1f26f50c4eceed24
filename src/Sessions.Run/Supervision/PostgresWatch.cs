using Sessions.Host.Configuration;
using Sessions.Run.Postgres;

namespace Sessions.Run.Supervision;

/// <summary>
/// Supervises the private Postgres. If it died, or was shut down without time to write, it is restarted. If it was
/// shut down in order, it stays down, because someone did that on purpose.
/// </summary>
internal sealed class PostgresWatch(PrivatePostgres postgres, Action<string> say, Action changed, TimeProvider time)
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(1);

    // The pauses between attempts grow while Postgres does not start.
    private static readonly TimeSpan[] Pauses = [.. new double[] { 1, 1, 2, 5, 10 }.Select(TimeSpan.FromSeconds)];

    private bool _isMissing;
    private string? _failure;
    private int _failures;

    /// <summary>Watches until it is cancelled; completes when no start is in progress any more.</summary>
    public async Task Run(CancellationToken cancel)
    {
        try
        {
            while (true)
            {
                await Task.Delay(_failures == 0 ? Period : Pauses[Math.Min(_failures, Pauses.Length) - 1], time, cancel);
                await Look(cancel);
            }
        }
        catch (OperationCanceledException)
        {
            // The watch was stopped.
        }
    }

    private async Task Look(CancellationToken cancel)
    {
        int? running = postgres.RunningProcess();
        if (running == postgres.ProcessId)
        {
            return;
        }

        try
        {
            if (running is null && await postgres.WasShutDown(cancel))
            {
                Miss($"Postgres was shut down from outside. Events are refused until you start it again, with: {postgres.StartCommand}");
                return;
            }

            if (running is null)
            {
                Miss($"Postgres (process {postgres.ProcessId}) died; starting it again");
            }

            await postgres.EnsureRunning(cancel);
            (_isMissing, _failure, _failures) = (false, null, 0);
            say($"Postgres is back as process {postgres.ProcessId}");
            changed();
        }
        catch (InvalidOperationException failure)
        {
            _failures++;
            // A repeated failure is printed once.
            if (RoleConfiguration.FirstLine(failure) is var why && why != _failure)
            {
                _failure = why;
                say($"Postgres does not start; ./run tries again: {why}");
            }
        }
    }

    private void Miss(string line)
    {
        if (!_isMissing)
        {
            _isMissing = true;
            say(line);
        }
    }
}
