using Sessions.Host.Database;

namespace Sessions.Host.Telemetry;

/// <summary>Finds out whether Postgres is away when the log gives reason to, and says when it is back.</summary>
internal sealed class OutageWatch(PostgresOutage outage, PostgresProbe probe, TimeProvider time, ILogger<PostgresOutage> log)
    : BackgroundService
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (true)
        {
            await outage.Suspected.WaitAsync(stoppingToken);
            bool wasAway = outage.IsAway;
            while (!await probe.Answers(stoppingToken))
            {
                wasAway = true;
                if (outage.Begin())
                {
                    log.LogError("Postgres does not answer. What fails for that is not logged until it does.");
                }

                await Task.Delay(Period, time, stoppingToken);
            }

            (TimeSpan lasted, int hidden) = outage.End();
            if (wasAway)
            {
                log.LogInformation(
                    "Postgres can be reached again, after {Seconds:0.0} s; {Count} lines about it were left out", lasted.TotalSeconds, hidden);
            }

            // Whoever goes on complaining is not asked about more often than that.
            await Task.Delay(Period, time, stoppingToken);
        }
    }
}
