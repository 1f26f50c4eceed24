using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;
using Sessions.Database;
using Sessions.Queries.Webhooks;

namespace Sessions.Web.Webhooks;

/// <summary>
/// Keeps the outbox small: counts pending deliveries, gives up those that are too old, deletes settled ones.
/// </summary>
internal sealed partial class WebhookUpkeep(
    WebhookDispatch outbox,
    WebhookQueries webhooks,
    IOptions<WebhookOptions> options,
    WebhookMetrics metrics,
    TimeProvider time,
    ILogger<WebhookUpkeep> log) : PeriodicWork(options.Value.Upkeep, time)
{
    private const int AtOnce = 5_000;

    /// <summary>Runs one round.</summary>
    /// <exception cref="NpgsqlException">Postgres can't answer now.</exception>
    public async Task Round(CancellationToken cancellation)
    {
        IReadOnlyList<PendingDeliveries> waiting = await outbox.GetWaiting(cancellation);
        metrics.Waiting(
            waiting.Sum(one => one.Count), waiting.Select(one => one.Oldest).DefaultIfEmpty(TimeSpan.Zero).Max());
        foreach (PendingDeliveries one in waiting)
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

    protected override Task Step(CancellationToken stopping) => Round(stopping);

    // The dispatcher logs a warning about an outage.
    protected override void LogFailing(string reason, Exception? fault) =>
        LogNotKept(fault is null ? LogLevel.Debug : LogLevel.Warning, reason, fault);

    private static async Task Repeat(Func<Task<int>> some)
    {
        while (await some() == AtOnce)
        {
            // There may be more of them.
        }
    }

    private void GaveUp(int deliveries)
    {
        if (deliveries > 0)
        {
            metrics.GaveUp(deliveries);
            LogGaveUp(deliveries);
        }
    }

    [LoggerMessage(EventId = 4070, Message = "Old deliveries to webhooks can't be removed now ({Reason}). The gateway tries again at its next turn. "
        + "Check that Postgres runs.")]
    private partial void LogNotKept(LogLevel level, string reason, Exception? fault);

    [LoggerMessage(4071, LogLevel.Debug, "Old deliveries to webhooks are removed again.")]
    protected override partial void LogWorking();

    [LoggerMessage(4072, LogLevel.Warning, "The gateway gave up {Count} deliveries to webhooks. They had waited for too long, or too many waited. Check the "
        + "endpoints on the page of webhooks, which can send deliveries again.")]
    private partial void LogGaveUp(int count);
}
