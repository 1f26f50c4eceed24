using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;
using Sessions.Postgres.Queries;

namespace Sessions.Gateway.Webhooks;

/// <summary>Keeps the outbox small: counts what waits, gives up what has waited for too long, removes what is settled.</summary>
internal sealed class WebhookUpkeep(
    WebhookDispatch outbox,
    WebhookQueries webhooks,
    IOptions<WebhookOptions> options,
    WebhookMetrics metrics,
    TimeProvider time,
    ILogger<WebhookUpkeep> log) : BackgroundService
{
    private const int AtOnce = 5_000;

    /// <summary>One round.</summary>
    /// <exception cref="NpgsqlException">Postgres can't answer now.</exception>
    public async Task Round(CancellationToken cancellation)
    {
        IReadOnlyList<WaitingDeliveries> waiting = await outbox.GetWaiting(cancellation);
        metrics.Waiting(
            waiting.Sum(one => one.Count), waiting.Select(one => one.Oldest).DefaultIfEmpty(TimeSpan.Zero).Max());
        foreach (WaitingDeliveries one in waiting)
        {
            if (!one.IsThere)
            {
                await webhooks.DeleteLeftBehind(one.Webhook, cancellation);
            }
            else if (one.Count > options.Value.MaxWaiting)
            {
                GaveUp(await outbox.GiveUpExcess(one.Webhook, one.Count - options.Value.MaxWaiting, cancellation));
            }
        }

        if (waiting.Any(one => one.Oldest > options.Value.MaxAge))
        {
            await Repeat(async () =>
            {
                int given = await outbox.GiveUpOld(options.Value.MaxAge, AtOnce, cancellation);
                GaveUp(given);
                return given;
            });
        }

        await Repeat(() => outbox.Forget(options.Value.KeepDelivered, options.Value.KeepDead, AtOnce, cancellation));
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using PeriodicTimer pace = new(options.Value.Upkeep, time);
        try
        {
            while (await pace.WaitForNextTickAsync(stoppingToken))
            {
                try
                {
                    await Round(stoppingToken);
                }
                catch (Exception failure) when (failure is NpgsqlException or TimeoutException or IOException)
                {
                    log.LogDebug(failure, "The outbox can't be looked after now");
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The gateway stops.
        }
    }

    private static async Task Repeat(Func<Task<int>> some)
    {
        while (await some() == AtOnce)
        {
            // There may be as many again.
        }
    }

    private void GaveUp(int deliveries)
    {
        if (deliveries > 0)
        {
            metrics.GaveUp(deliveries);
            log.LogWarning("Gave up {Count} deliveries to webhooks: they have waited for too long, or too many did", deliveries);
        }
    }
}
