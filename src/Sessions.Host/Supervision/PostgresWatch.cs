using Sessions.Host.Configuration;
using Sessions.Host.Database;

namespace Sessions.Host.Supervision;

/// <summary>
/// Looks after the private Postgres: starts it again when it died, and leaves it alone when somebody shut it down in
/// order, who will know when to start it again.
/// </summary>
internal sealed class PostgresWatch(PrivatePostgres postgres, Action<string> say, Action changed, TimeProvider time)
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(1);

    /// <summary>Watches until told to stop.</summary>
    public async Task Run(CancellationToken cancel)
    {
        using PeriodicTimer timer = new(Period, time);
        bool missing = false;
        try
        {
            while (await timer.WaitForNextTickAsync(cancel))
            {
                missing = await Look(missing, cancel);
            }
        }
        catch (OperationCanceledException)
        {
            // Told to stop.
        }
    }

    private async Task<bool> Look(bool wasMissing, CancellationToken cancel)
    {
        int? running = postgres.RunningProcess();
        if (running == postgres.ProcessId)
        {
            return false;
        }

        if (running is null && postgres.WasShutDown)
        {
            if (!wasMissing)
            {
                say($"Postgres was shut down from outside; events wait until somebody starts it: {postgres.StartCommand}");
            }

            return true;
        }

        try
        {
            if (running is null)
            {
                say($"Postgres (process {postgres.ProcessId}) died; starting it again");
            }

            await postgres.EnsureRunning(cancel);
            say($"Postgres is back as process {postgres.ProcessId}");
            changed();
            return false;
        }
        catch (InvalidOperationException failure)
        {
            say($"Postgres does not start: {RoleConfiguration.FirstLine(failure)}");
            return true;
        }
    }
}
