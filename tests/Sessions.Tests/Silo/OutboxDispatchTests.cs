using Sessions.Queries.Webhooks;

namespace Sessions.Tests.Silo;

/// <summary>Which deliveries of the outbox can be claimed, by whom and when, on a real Postgres.</summary>
public sealed class OutboxDispatchTests(TestPostgres postgres) : OutboxOnPostgres(postgres)
{
    [Fact]
    public async Task Only_one_delivery_per_session_is_in_flight_and_sessions_do_not_block_each_other()
    {
        (string project, Webhook webhook) = await NewWebhook();
        TestSession one = new(project), other = new(project);
        await Commit(one.Take(Now));
        await Commit(one.End(EndReason.Reset));
        await Commit(other.Take(Now));

        IReadOnlyList<ClaimedDelivery> first = await Claim(webhook);
        IReadOnlyList<ClaimedDelivery> meanwhile = await Claim(webhook);
        await Settle(webhook, first, DeliveryStates.Delivered);
        IReadOnlyList<ClaimedDelivery> second = await Claim(webhook);

        Assert.Equal(["session.started", "session.started"], first.Select(TypeOf));
        Assert.Empty(meanwhile);
        Assert.Equal(["session.ended"], second.Select(TypeOf));
    }

    [Fact]
    public async Task A_failed_delivery_delays_the_next_ones_of_its_session_and_a_dead_one_does_not()
    {
        (string project, Webhook webhook) = await NewWebhook();
        TestSession session = new(project);
        await Commit(session.Take(Now));
        await Commit(session.End(EndReason.Reset));

        await Settle(webhook, await Claim(webhook), DeliveryStates.Pending, TimeSpan.FromHours(1));
        Assert.Empty(await Dispatch.FindDue(default));
        Assert.Empty(await Claim(webhook));

        await Execute("update tracking.webhook_deliveries set due_at = now()");
        await Settle(webhook, await Claim(webhook), DeliveryStates.Dead);
        IReadOnlyList<ClaimedDelivery> next = await Claim(webhook);

        Assert.Equal(["session.ended"], next.Select(TypeOf));
        WebhookDelivery dead = Assert.Single((await Deliveries.GetPage(webhook.Id, DeliveryStates.Dead, null, 10, default)).Deliveries);
        Assert.Equal(("session.started", 2, 500, "answered 500"), (dead.Type, dead.Attempts, dead.Status, dead.Error));
    }

    [Fact]
    public async Task A_dead_delivery_that_is_sent_again_gets_all_its_attempts_again()
    {
        (string project, Webhook webhook) = await NewWebhook();
        await Commit(new TestSession(project).Take(Now));
        IReadOnlyList<ClaimedDelivery> claimed = await Claim(webhook);
        await Settle(webhook, claimed, DeliveryStates.Dead);

        Assert.Equal(0, await Deliveries.Redeliver(Postgres.NewProject(), webhook.Id, claimed[0].Id, default));
        Assert.Equal(1, await Deliveries.Redeliver(project, webhook.Id, claimed[0].Id, default));
        Assert.Equal(0, await Deliveries.Redeliver(project, webhook.Id, claimed[0].Id, default));

        ClaimedDelivery again = Assert.Single(await Claim(webhook));
        Assert.Equal((claimed[0].Id, 1, claimed[0].Payload), (again.Id, again.Attempt, again.Payload));
    }

    [Fact]
    public async Task A_delivery_whose_lease_expired_goes_to_another_process_and_the_first_can_no_longer_settle_it()
    {
        (string project, Webhook webhook) = await NewWebhook();
        await Commit(new TestSession(project).Take(Now));
        IReadOnlyList<ClaimedDelivery> frozen = await Dispatch.Claim(webhook.Id, 10, TimeSpan.Zero, default);
        IReadOnlyList<ClaimedDelivery> healthy = await Claim(webhook);

        await Settle(webhook, frozen, DeliveryStates.Dead);
        Assert.Equal(DeliveryStates.Pending, (await Only(webhook)).State);
        await Settle(webhook, healthy, DeliveryStates.Delivered);

        Assert.Equal((DeliveryStates.Delivered, 2), ((await Only(webhook)).State, (await Only(webhook)).Attempts));
    }

    [Fact]
    public async Task Each_delivery_is_claimed_by_one_process_however_many_claim_at_once()
    {
        (string project, Webhook webhook) = await NewWebhook();
        await Task.WhenAll(Enumerable.Range(0, 200).Select(_ => Commit(new TestSession(project).Take(Now))));

        IReadOnlyList<ClaimedDelivery>[] taken = await Task.WhenAll(
            Enumerable.Range(0, 40).Select(_ => Dispatch.Claim(webhook.Id, 10, Lease, default)));
        List<ClaimedDelivery> all = [.. taken.SelectMany(some => some), .. await Dispatch.Claim(webhook.Id, 1000, Lease, default)];

        Assert.Equal(200, all.Count);
        Assert.Equal(200, all.Select(one => one.Id).Distinct().Count());
    }

    [Fact]
    public async Task A_failing_endpoint_gets_one_delivery_at_a_time_with_rests_and_a_gone_endpoint_gets_none()
    {
        (string project, Webhook webhook) = await NewWebhook();
        await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => Commit(new TestSession(project).Take(Now))));

        await Settle(webhook, await Dispatch.Claim(webhook.Id, 1, Lease, default), DeliveryStates.Delivered, health: new(3, TimeSpan.FromHours(1), false));
        Assert.Empty(await Dispatch.FindDue(default));
        await Execute("update tracking.webhooks set rest_until = now()");
        Assert.Equal([new DueWebhook(webhook.Id, 3)], await Dispatch.FindDue(default));
        IReadOnlyList<ClaimedDelivery> probe = await Claim(webhook);
        Assert.Single(probe);

        await Settle(webhook, probe, DeliveryStates.Dead, health: new(4, TimeSpan.Zero, IsGone: true));
        Assert.Empty(await Claim(webhook));
        Webhook gone = (await Webhooks.Get(project, webhook.Id, default))!;
        Assert.Equal((false, true, 3L, 1L), (gone.IsActive, gone.GoneAt is not null, gone.Waiting, gone.Dead));

        await Webhooks.Update(project, webhook.Id, new(null, null, true), default);
        Assert.Equal(3, (await Claim(webhook)).Count);
    }

    [Fact]
    public async Task Settled_deliveries_are_deleted_after_their_time_and_those_pending_too_long_become_dead()
    {
        (string project, Webhook webhook) = await NewWebhook();
        await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => Commit(new TestSession(project).Take(Now))));
        await Settle(webhook, await Dispatch.Claim(webhook.Id, 2, Lease, default), DeliveryStates.Delivered);
        await Settle(webhook, await Dispatch.Claim(webhook.Id, 2, Lease, default), DeliveryStates.Dead);

        await Execute("update tracking.webhook_deliveries set settled_at = settled_at - interval '2 days', created_at = created_at - interval '4 days'");
        Assert.Equal(2, await Dispatch.Forget(TimeSpan.FromDays(1), TimeSpan.FromDays(30), 100, default));
        Assert.Equal(2, await Dispatch.GiveUpOld(TimeSpan.FromDays(3), 100, default));

        IReadOnlyList<WebhookDelivery> left = (await Deliveries.GetPage(webhook.Id, null, null, 10, default)).Deliveries;
        Assert.Equal(4, left.Count(one => one.State == DeliveryStates.Dead));
        Assert.Equal(2, left.Count(one => one.Error == "it has waited for too long"));
        Assert.Equal(2, await Dispatch.Forget(TimeSpan.FromDays(1), TimeSpan.FromDays(1), 100, default));
    }

    [Fact]
    public async Task When_too_many_deliveries_are_pending_the_oldest_become_dead()
    {
        (string project, Webhook webhook) = await NewWebhook();
        await Commit(new TestSession(project).Take(Now));
        WebhookDelivery oldest = await Only(webhook);
        await Commit(new TestSession(project).Take(Now));

        PendingDeliveries waiting = Assert.Single(await Dispatch.GetWaiting(default));
        await Dispatch.GiveUpExcess(webhook.Id, waiting.Count - 1, default);

        Assert.True(waiting.IsThere);
        WebhookDelivery dead = Assert.Single((await Deliveries.GetPage(webhook.Id, DeliveryStates.Dead, null, 10, default)).Deliveries);
        Assert.Equal((oldest.Id, "too many waited"), (dead.Id, dead.Error));
    }

    [Fact]
    public async Task Deleting_a_webhook_deletes_its_deliveries()
    {
        (string project, Webhook webhook) = await NewWebhook();
        await Commit(new TestSession(project).Take(Now));

        Assert.False(await Webhooks.Delete(Postgres.NewProject(), webhook.Id, default));
        Assert.True(await Webhooks.Delete(project, webhook.Id, default));

        Assert.Empty(await Dispatch.GetWaiting(default));
        // What a transaction tells that had read the webhook before it went.
        await Execute($"insert into tracking.webhook_deliveries (webhook_id, id, type, version, payload) values ('{webhook.Id}', '{Guid.CreateVersion7()}', 'x', 1, '')");
        PendingDeliveries left = Assert.Single(await Dispatch.GetWaiting(default));
        Assert.False(left.IsThere);
        await Webhooks.DeleteLeftBehind(left.Webhook, default);
        Assert.Empty(await Dispatch.GetWaiting(default));
    }

    [Fact]
    public async Task Both_secrets_are_valid_while_a_secret_is_replaced()
    {
        (string project, Webhook webhook) = await NewWebhook();
        await Commit(new TestSession(project).Take(Now));

        Assert.NotNull(await Webhooks.Rotate(project, webhook.Id, "new", TimeSpan.FromHours(1), default));
        Assert.Equal(["new", "secret"], Assert.Single(await Dispatch.Claim(webhook.Id, 1, TimeSpan.Zero, default)).Secrets);
        await Webhooks.Rotate(project, webhook.Id, "newer", TimeSpan.Zero, default);

        Assert.Equal(["newer"], Assert.Single(await Claim(webhook)).Secrets);
        Assert.Null(await Webhooks.Rotate(Postgres.NewProject(), webhook.Id, "x", TimeSpan.Zero, default));
    }
}
