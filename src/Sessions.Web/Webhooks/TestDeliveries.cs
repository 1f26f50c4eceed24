using Sessions.Domain.Webhooks;
using Sessions.Queries.Webhooks;

namespace Sessions.Web.Webhooks;

/// <summary>
/// Sends tests. A test shows at once whether an endpoint works, so it waits neither for the deliveries before it nor for
/// the end of the endpoint's rest. When the endpoint takes it, the rest is over for all.
/// </summary>
internal sealed class TestDeliveries(
    WebhookDispatch outbox, WebhookSender sender, WebhookOptions options, WebhookMetrics metrics, TimeProvider time)
{
    // Of all webhooks together. Endpoints that do not answer keep a test until its timeout.
    private const int MostAtOnce = 64;

    private readonly RetryRules _retries = options.Retries;
    private readonly List<Task> _running = [];

    /// <summary>The tests that are being sent.</summary>
    public IReadOnlyList<Task> Running => _running;

    /// <summary>Begins to send the tests that are due.</summary>
    /// <param name="guarded">Sends to a webhook, and logs a failure instead of throwing it.</param>
    /// <param name="stopping">Cancelled when the gateway stops.</param>
    /// <exception cref="Npgsql.NpgsqlException">Postgres can't answer now.</exception>
    public async Task Begin(Func<Guid, Func<Task>, Task> guarded, CancellationToken stopping)
    {
        _running.RemoveAll(test => test.IsCompleted);
        int room = MostAtOnce - _running.Count;
        if (room == 0 || stopping.IsCancellationRequested)
        {
            return;
        }

        // Not cancelled in the middle, because claimed tests must be sent.
        foreach ((Guid webhook, ClaimedDelivery test) in await outbox.ClaimTests(room, options.Timeout + options.TakeOver, CancellationToken.None))
        {
            _running.Add(guarded(webhook, () => Send(webhook, test)));
        }
    }

    private async Task Send(Guid webhook, ClaimedDelivery test)
    {
        long begun = time.GetTimestamp();
        AttemptOutcome outcome = await sender.Send(test);
        metrics.Attempted(time.GetElapsedTime(begun));
        SettledDelivery settled = outcome.Settle(test, _retries);
        // A test that fails makes no rest longer: the user tries until it works.
        EndpointHealth? health = outcome.IsTaken || outcome.IsGone ? new EndpointHealth(0, TimeSpan.Zero, outcome.IsGone) : null;
        await outbox.Settle(webhook, [settled], health, CancellationToken.None);
        metrics.Settled(settled.State == DeliveryStates.Delivered, settled.State == DeliveryStates.Dead);
    }
}
