using Sessions.Host.Configuration;
using Sessions.Host.Database;

namespace Sessions.Host.Supervision;

/// <summary>
/// Looks after the private Postgres. How it went decides: one that died, or was shut down without being given the time to
/// write, is started again; one that somebody shut down in order is left alone, since whoever did it needs it down.
/// </summary>
internal sealed class PostgresWatch(PrivatePostgres postgres, Action<string> say, Action changed, TimeProvider time)
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(1);

    // What does not start is tried again ever more seldom.
    private static readonly TimeSpan[] Pauses = [.. new double[] { 1, 1, 2, 5, 10 }.Select(TimeSpan.FromSeconds)];

    private bool _isMissing;
    private string? _failure;
    private int _failures;

    /// <summary>Watches until told to stop; done when no start is under way any more.</summary>
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
            // Told to stop.
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
                Miss($"Postgres was shut down from outside. Events wait until you start it again, with: {postgres.StartCommand}");
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
            // The same again and again says nothing new.
            if (RoleConfiguration.FirstLine(failure) is var why && why != _failure)
            {
                _failure = why;
                say($"Postgres does not start; it is tried again: {why}");
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
