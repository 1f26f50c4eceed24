using Sessions.Domain.Webhooks;
using Sessions.Queries.Webhooks;

namespace Sessions.Web.Webhooks;

/// <summary>Sends to one webhook as long as it has due deliveries, with a limited number at a time.</summary>
internal sealed class WebhookDeliveryLoop(
    DueWebhook due, WebhookDispatch outbox, WebhookSender sender, WebhookOptions options, WebhookMetrics metrics, TimeProvider time)
{
    private readonly RetryRules _retries = options.Retries;
    private readonly List<Task<Attempt>> _onTheirWay = [];
    private int _failures = due.Failures;

    /// <summary>Sends until no delivery is due, the endpoint needs a pause, or the gateway stops.</summary>
    /// <exception cref="Npgsql.NpgsqlException">Postgres can't be written now.</exception>
    public async Task Run(CancellationToken stopping)
    {
        bool mayTake = true;
        Task pace = Task.CompletedTask;
        while (true)
        {
            if (mayTake && !stopping.IsCancellationRequested)
            {
                await Take();
            }

            if (_onTheirWay.Count == 0)
            {
                return;
            }

            // While there is room for more deliveries, a slow one does not hold them up.
            pace = pace.IsCompleted ? Task.Delay(options.Poll, time, CancellationToken.None) : pace;
            await Task.WhenAny([.. _onTheirWay, pace]);
            Task<Attempt>[] ended = [.. _onTheirWay.Where(one => one.IsCompleted)];
            _onTheirWay.RemoveAll(ended.Contains);
            if (ended.Length > 0)
            {
                EndpointHealth health = await Settle(await Task.WhenAll(ended));
                mayTake = health.Rest == TimeSpan.Zero && !health.IsGone;
            }
        }
    }

    private async Task Take()
    {
        int room = (_failures > 0 ? 1 : options.MaxAtOnce) - _onTheirWay.Count;
        if (room > 0)
        {
            // Not cancelled in the middle, because claimed deliveries must be sent.
            IReadOnlyList<ClaimedDelivery> taken = await outbox.Claim(due.Id, room, options.Timeout + options.TakeOver, CancellationToken.None);
            _onTheirWay.AddRange(taken.Select(Send));
        }
    }

    private async Task<Attempt> Send(ClaimedDelivery delivery)
    {
        long begun = time.GetTimestamp();
        AttemptOutcome outcome = await sender.Send(delivery);
        metrics.Attempted(time.GetElapsedTime(begun));
        return new Attempt(delivery, outcome);
    }

    private async Task<EndpointHealth> Settle(Attempt[] ended)
    {
        // One success shows that the endpoint works. Its refusals may be the fault of single deliveries.
        _failures = ended.Any(one => one.Outcome.IsTaken) ? 0 : _failures + 1;
        EndpointHealth health = new(_failures, _retries.RestAfter(_failures), ended.Any(one => one.Outcome.IsGone));
        SettledDelivery[] settled = [.. ended.Select(one => one.Outcome.Settle(one.Delivery, _retries))];
        await outbox.Settle(due.Id, settled, health, CancellationToken.None);
        foreach (SettledDelivery one in settled)
        {
            metrics.Settled(one.State == DeliveryStates.Delivered, one.State == DeliveryStates.Dead);
        }

        return health;
    }

    private sealed record Attempt(ClaimedDelivery Delivery, AttemptOutcome Outcome);
}
