using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Sessions.Database;
using Sessions.Queries.Webhooks;

namespace Sessions.Web.Webhooks;

/// <summary>
/// Sends due deliveries to webhooks, independently for each webhook, so that a slow or dead one delays no other. Every
/// gateway does this; Postgres decides which gateway sends a delivery, when the gateway claims it. Tests go beside them.
/// </summary>
internal sealed partial class WebhookDispatcher(
    WebhookDispatch outbox,
    WebhookSender sender,
    IOptions<WebhookOptions> options,
    WebhookMetrics metrics,
    TimeProvider time,
    ILogger<WebhookDispatcher> log) : PeriodicWork(options.Value.Poll, time)
{
    private readonly Dictionary<Guid, Task> _ways = [];
    private readonly TestDeliveries _tests = new(outbox, sender, options.Value, metrics, time);

    /// <summary>
    /// Looks for due deliveries until the gateway stops. Then it waits for those in progress, within the host's stop
    /// timeout, because another gateway would send an interrupted delivery again.
    /// </summary>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await base.ExecuteAsync(stoppingToken);
        await Task.WhenAll([.. _ways.Values, .. _tests.Running]);
    }

    protected override async Task Step(CancellationToken stopping)
    {
        foreach ((Guid webhook, Task way) in _ways.Where(way => way.Value.IsCompleted).ToArray())
        {
            _ways.Remove(webhook);
        }

        await _tests.Begin(Guarded, stopping);
        foreach (DueWebhook due in await outbox.FindDue(stopping))
        {
            if (!_ways.ContainsKey(due.Id))
            {
                _ways[due.Id] = Guarded(due.Id, () => new WebhookDeliveryLoop(due, outbox, sender, options.Value, metrics, Time).Run(stopping));
            }
        }
    }

    private async Task Guarded(Guid webhook, Func<Task> sending)
    {
        try
        {
            await sending();
        }
        catch (Exception failure) when (PostgresAway.Is(failure))
        {
            // The claimed deliveries are sent again when their lease expires.
            LogNotRecorded(webhook, failure.Message);
        }
        catch (Exception failure) when (failure is not OutOfMemoryException)
        {
            LogNotSent(failure, webhook);
        }
    }

    [LoggerMessage(4060, LogLevel.Warning, "The deliveries that are due can't be read now ({Reason}). The gateway tries again at its next turn, and no delivery "
        + "is lost. Check that Postgres runs.")]
    protected override partial void LogFailing(string reason, Exception? fault);

    [LoggerMessage(4061, LogLevel.Information, "The deliveries that are due are read again.")]
    protected override partial void LogWorking();

    [LoggerMessage(4062, LogLevel.Warning, "The results of deliveries to webhook {Webhook} can't be written now ({Reason}). A gateway sends these deliveries again "
        + "later, so the endpoint may get them twice. Check that Postgres runs.")]
    private partial void LogNotRecorded(Guid webhook, string reason);

    [LoggerMessage(4063, LogLevel.Error, "The gateway failed to send to webhook {Webhook} because of a fault of its own. It tries again at its next turn. "
        + "Report the fault if this goes on.")]
    private partial void LogNotSent(Exception failure, Guid webhook);
}
