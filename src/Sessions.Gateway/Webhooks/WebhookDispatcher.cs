using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;
using Sessions.Postgres.Queries;

namespace Sessions.Gateway.Webhooks;

/// <summary>
/// Tells webhooks what is due, each on a way of its own: one that is slow or dead holds up nobody else. Every gateway does
/// it; which of them sends a delivery is decided where they take it, in Postgres.
/// </summary>
internal sealed class WebhookDispatcher(
    WebhookDispatch outbox,
    WebhookSender sender,
    IOptions<WebhookOptions> options,
    WebhookMetrics metrics,
    TimeProvider time,
    ILogger<WebhookDispatcher> log) : BackgroundService
{
    private readonly Dictionary<Guid, Task> _ways = [];
    private bool _isFailing;

    /// <summary>
    /// Looks for what is due until the gateway stops. What is on its way then is waited for, within the time that the
    /// host gives: cut off, it would be sent again by another.
    /// </summary>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using PeriodicTimer pace = new(options.Value.Poll, time);
        try
        {
            while (await pace.WaitForNextTickAsync(stoppingToken))
            {
                await Look(stoppingToken);
            }
        }
        catch (OperationCanceledException)
        {
            // The gateway stops.
        }

        await Task.WhenAll(_ways.Values);
    }

    private async Task Look(CancellationToken stopping)
    {
        foreach ((Guid webhook, Task way) in _ways.Where(way => way.Value.IsCompleted).ToArray())
        {
            _ways.Remove(webhook);
        }

        try
        {
            foreach (DueWebhook due in await outbox.FindDue(stopping))
            {
                if (!_ways.ContainsKey(due.Id))
                {
                    _ways[due.Id] = Tell(due, stopping);
                }
            }

            _isFailing = false;
        }
        catch (Exception failure) when (IsPostgresAway(failure))
        {
            if (!_isFailing)
            {
                _isFailing = true;
                log.LogWarning("What is due to webhooks can't be read now; it is tried again: {Reason}", failure.Message);
            }
        }
    }

    private async Task Tell(DueWebhook due, CancellationToken stopping)
    {
        try
        {
            await new WebhookWay(due, outbox, sender, options.Value, metrics, time).Run(stopping);
        }
        catch (Exception failure) when (IsPostgresAway(failure))
        {
            // What was taken is sent again once its time is over.
            log.LogWarning("What became of deliveries to webhook {Webhook} can't be written now: {Reason}", due.Id, failure.Message);
        }
        catch (Exception failure) when (failure is not OutOfMemoryException)
        {
            log.LogError(failure, "Webhook {Webhook} can't be told; it is tried again", due.Id);
        }
    }

    private static bool IsPostgresAway(Exception failure) => failure is NpgsqlException or TimeoutException or IOException;
}
