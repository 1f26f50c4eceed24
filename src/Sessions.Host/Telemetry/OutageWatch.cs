using Sessions.Host.Database;

namespace Sessions.Host.Telemetry;

/// <summary>Checks Postgres when the log suggests an outage, and logs when it is available again.</summary>
internal sealed partial class OutageWatch(PostgresOutage outage, PostgresProbe probe, TimeProvider time, ILogger<PostgresOutage> log)
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
                    LogAway("Postgres does not answer");
                }

                await Task.Delay(Period, time, stoppingToken);
            }

            (TimeSpan lasted, int hidden) = outage.End();
            if (wasAway)
            {
                LogBack(lasted.TotalSeconds, hidden);
            }

            // Repeated complaints in the log start a new check only after this pause.
            await Task.Delay(Period, time, stoppingToken);
        }
    }

    [LoggerMessage(PostgresOutage.BeginsId, LogLevel.Error, PostgresOutage.BeginsText)]
    private partial void LogAway(string reason);

    [LoggerMessage(5011, LogLevel.Information, "Postgres can be reached again, after {Seconds:0.0} s. {Count} log lines about it were left out.")]
    private partial void LogBack(double seconds, int count);
}
