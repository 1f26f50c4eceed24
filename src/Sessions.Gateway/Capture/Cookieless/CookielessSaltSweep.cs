using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Sessions.Gateway.Capture.Cookieless;

/// <summary>Deletes old salts at start and every hour, whether or not anybody comes.</summary>
internal sealed class CookielessSaltSweep(CookielessSalts salts, TimeProvider time, ILogger<CookielessSaltSweep> log)
    : BackgroundService
{
    /// <summary>So late after its time a salt is gone at the latest, when Postgres is there.</summary>
    public static readonly TimeSpan Period = TimeSpan.FromHours(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Period, time);
        do
        {
            try
            {
                await salts.DeleteOld(stoppingToken);
            }
            catch (Exception failure) when (failure is NpgsqlException or TimeoutException or IOException)
            {
                log.LogWarning("The old salts of cookieless visitors can't be deleted now; it is tried again: {Reason}", failure.Message);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }
}
