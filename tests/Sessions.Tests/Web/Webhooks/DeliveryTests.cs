using System.Net;
using System.Text.Json.Nodes;

namespace Sessions.Tests.Web.Webhooks;

/// <summary>What a receiver of webhooks gets.</summary>
public sealed class DeliveryTests(WebhookGateway gateway) : IClassFixture<WebhookGateway>
{
    [Fact]
    public async Task Start_and_end_are_delivered_in_order_and_signed_and_the_end_has_the_session_as_in_the_API()
    {
        await using Receiver receiver = await Receiver.Start();
        WebhookGateway.Client project = await gateway.NewProject();
        (string _, string secret) = await project.Webhook($"{receiver.Address}/hook?key=1");

        Guid session = await project.Visit("ann");
        Received started = await receiver.Next(), ended = await receiver.Next();

        Assert.Equal(("session.started", "session.ended"), (started.Type, ended.Type));
        Assert.True(started.IsSignedWith(secret) && ended.IsSignedWith(secret), "A signature is wrong.");
        Assert.NotEqual(started.Id, ended.Id);
        Assert.True(started.Version < ended.Version);
        Assert.Equal("live", (string)started.Json["data"]!["status"]!);
        JsonObject read = JsonNode.Parse(await project.Http.GetStringAsync($"/api/sessions/{session}"))!.AsObject();
        // A webhook does not say whether recordings can be played.
        Assert.All((string[])["playable", "problem", "problem_detail"], name => Assert.True(read.Remove(name)));
        Assert.Equal(read.ToJsonString(Unescaped.Json), ended.Json["data"]!.ToJsonString(Unescaped.Json));
    }

    [Fact]
    public async Task A_failed_delivery_keeps_its_sessions_order_and_does_not_delay_other_sessions()
    {
        await using Receiver receiver = await Receiver.Start();
        WebhookGateway.Client project = await gateway.NewProject();
        Guid refused = Guid.CreateVersion7();
        receiver.Answer = (received, _) => Task.FromResult(
            received.SessionId == refused.ToString() && receiver.All.Count(one => one.Id == received.Id) <= 2
                ? HttpStatusCode.InternalServerError
                : HttpStatusCode.OK);
        (string webhook, string secret) = await project.Webhook(receiver.Address);

        await project.Capture("ann", refused);
        await project.Post("/api/devices/ann/reset");
        Guid other = await project.Visit("bob");
        Received[] taken = [await receiver.Next(), await receiver.Next(), await receiver.Next(), await receiver.Next()];

        Assert.Equal(["session.started", "session.ended"], taken.Where(one => one.SessionId == other.ToString()).Select(one => one.Type));
        Received[] late = [.. receiver.All.Where(one => one.SessionId == refused.ToString())];
        Assert.Equal(
            ["session.started", "session.started", "session.started", "session.ended", "session.ended", "session.ended"], late.Select(one => one.Type));
        Assert.Equal(2, late.Select(one => one.Id).Distinct().Count());
        Assert.All(late, one => Assert.True(one.IsSignedWith(secret)));
        await WebhookGateway.Until(async () => (await project.Deliveries(webhook)).All(one => (string)one["state"]! == "delivered"));
        Assert.Equal([3, 3], (await project.Deliveries(webhook)).Where(one => (string)one["session_id"]! == refused.ToString()).Select(one => (int)one["attempts"]!));
    }

    [Fact]
    public async Task A_delivery_that_fails_too_often_becomes_dead_does_not_block_the_next_and_can_be_sent_again()
    {
        await using Receiver receiver = await Receiver.Start();
        WebhookGateway.Client project = await gateway.NewProject();
        bool isBroken = true;
        receiver.Answer = (received, _) => Task.FromResult(
            isBroken && received.Type == "session.started" ? HttpStatusCode.BadGateway : HttpStatusCode.OK);
        (string webhook, string _) = await project.Webhook(receiver.Address);

        await project.Visit("ann");
        Assert.Equal("session.ended", (await receiver.Next()).Type);
        JsonNode dead = Assert.Single(await project.Deliveries(webhook, "dead"));
        Assert.Equal(
            ("session.started", 4, 502, "it answered 502", 1),
            ((string)dead["type"]!, (int)dead["attempts"]!, (int)dead["status"]!, (string)dead["error"]!,
                (int)(await project.Get($"/api/project/webhooks/{webhook}"))["dead"]!));

        isBroken = false;
        await project.Post($"/api/project/webhooks/{webhook}/deliveries/{dead["id"]}/redeliver");
        Received again = await receiver.Next();

        Assert.Equal(((string)dead["id"]!, "session.started"), (again.Id, again.Type));
        Assert.Equal(HttpStatusCode.NotFound, (await project.Http.PostAsync($"/api/project/webhooks/{webhook}/deliveries/{dead["id"]}/redeliver", null)).StatusCode);
        Assert.Equal(0, (int)(await project.Post($"/api/project/webhooks/{webhook}/deliveries/redeliver"))["redelivered"]!);
    }

    [Fact]
    public async Task An_endpoint_that_is_down_or_never_answers_does_not_delay_others()
    {
        await using Receiver receiver = await Receiver.Start();
        await using Receiver hanging = await Receiver.Start();
        TaskCompletionSource never = new();
        hanging.Answer = async (_, _) =>
        {
            await never.Task;
            return HttpStatusCode.OK;
        };
        WebhookGateway.Client project = await gateway.NewProject();
        (string nobody, _) = await project.Webhook("http://127.0.0.1:9/");
        (string slow, _) = await project.Webhook(hanging.Address);
        await project.Webhook(receiver.Address);

        for (int i = 0; i < 20; i++)
        {
            await project.Visit($"visitor-{i}");
        }

        for (int i = 0; i < 40; i++)
        {
            await receiver.Next();
        }

        await WebhookGateway.Until(async () => (await project.Deliveries(nobody, "dead")).Length > 0 && (await project.Deliveries(slow)).Any(one => one["error"] is not null));
        Assert.Equal("the connection failed", (string)(await project.Deliveries(nobody, "dead"))[0]["error"]!);
        Assert.Equal("it did not answer within 1 s", (string)(await project.Deliveries(slow)).First(one => one["error"] is not null)["error"]!);
        never.SetResult();
    }

    [Fact]
    public async Task An_endpoint_that_answers_410_gets_no_deliveries_until_it_is_switched_on_again()
    {
        await using Receiver receiver = await Receiver.Start();
        WebhookGateway.Client project = await gateway.NewProject();
        receiver.Answer = (_, before) => Task.FromResult(before == 0 ? HttpStatusCode.Gone : HttpStatusCode.OK);
        (string webhook, string _) = await project.Webhook(receiver.Address, "session.ended");

        await project.Visit("ann");
        await WebhookGateway.Until(async () => !(bool)(await project.Get($"/api/project/webhooks/{webhook}"))["active"]!);
        using HttpResponseMessage test = await project.Http.PostAsync($"/api/project/webhooks/{webhook}/test", null);
        Assert.Equal(HttpStatusCode.Conflict, test.StatusCode);
        Assert.NotNull((await project.Get($"/api/project/webhooks/{webhook}"))["gone_at"]);

        using StringContent on = new("""{"active":true}""");
        using HttpResponseMessage changed = await project.Http.PutAsync($"/api/project/webhooks/{webhook}", on);
        JsonNode now = JsonNode.Parse(await changed.Content.ReadAsStringAsync())!;
        Assert.True((bool)now["active"]! && now["gone_at"] is null, $"{now}");
        string delivery = (string)(await project.Post($"/api/project/webhooks/{webhook}/test"))["delivery"]!;
        Received arrived = await receiver.Next();
        Assert.Equal((delivery, "webhook.test"), (arrived.Id, arrived.Type));
    }

    [Fact]
    public async Task While_a_secret_is_replaced_the_signature_verifies_with_either_secret()
    {
        await using Receiver receiver = await Receiver.Start();
        WebhookGateway.Client project = await gateway.NewProject();
        (string webhook, string former) = await project.Webhook(receiver.Address);

        JsonNode rotated = await project.Post($"/api/project/webhooks/{webhook}/secret");
        await project.Post($"/api/project/webhooks/{webhook}/test");
        Received test = await receiver.Next();

        string secret = (string)rotated["secret"]!;
        Assert.NotEqual(former, secret);
        Assert.NotNull(rotated["former_secret_until"]);
        Assert.True(test.IsSignedWith(former) && test.IsSignedWith(secret));
    }

    [Fact]
    public async Task No_redirect_is_followed_and_a_Retry_After_of_an_hour_is_cut_to_the_longest_pause()
    {
        await using Receiver receiver = await Receiver.Start();
        WebhookGateway.Client project = await gateway.NewProject();
        receiver.RetryAfter = "3600";
        receiver.Answer = (_, _) => Task.FromResult(HttpStatusCode.TemporaryRedirect);
        (string webhook, string _) = await project.Webhook(receiver.Address);

        await project.Post($"/api/project/webhooks/{webhook}/test");
        await WebhookGateway.Until(async () => (await project.Deliveries(webhook, "dead")).Length == 1);

        Assert.Equal(307, (int)(await project.Deliveries(webhook, "dead"))[0]["status"]!);
        Assert.Equal(4, receiver.All.Count);
    }

    [Fact]
    public async Task A_test_is_sent_at_once_while_the_endpoint_rests_and_when_it_is_taken_the_others_follow()
    {
        await using Receiver receiver = await Receiver.Start();
        WebhookGateway.Client project = await gateway.NewProject();
        (string webhook, string _) = await project.Webhook(receiver.Address);
        await project.Rest(webhook, waiting: 20);

        await project.Post($"/api/project/webhooks/{webhook}/test");
        Received first = await receiver.Next();
        for (int i = 0; i < 20; i++)
        {
            Assert.Equal("session.started", (await receiver.Next()).Type);
        }

        Assert.Equal("webhook.test", first.Type);
    }

    [Fact]
    public async Task A_test_that_fails_leaves_the_rest_as_it_is_and_is_tried_again_meanwhile()
    {
        await using Receiver receiver = await Receiver.Start();
        receiver.Answer = (_, _) => Task.FromResult(HttpStatusCode.InternalServerError);
        WebhookGateway.Client project = await gateway.NewProject();
        (string webhook, string _) = await project.Webhook(receiver.Address);
        await project.Rest(webhook, waiting: 1);

        await project.Post($"/api/project/webhooks/{webhook}/test");
        await WebhookGateway.Until(async () => (await project.Deliveries(webhook, "dead")).Length == 1);

        Assert.Equal(["webhook.test", "webhook.test", "webhook.test", "webhook.test"], receiver.All.Select(one => one.Type));
        Assert.Equal(11, (int)(await project.Get($"/api/project/webhooks/{webhook}"))["failures"]!);
    }

    [Fact]
    public async Task A_test_is_sent_at_once_while_the_deliveries_before_it_get_no_answer()
    {
        await using Receiver receiver = await Receiver.Start();
        TaskCompletionSource never = new();
        receiver.Answer = async (received, _) =>
        {
            await (received.Type == "webhook.test" ? Task.CompletedTask : never.Task);
            return HttpStatusCode.OK;
        };
        WebhookGateway.Client project = await gateway.NewProject();
        (string webhook, string _) = await project.Webhook(receiver.Address);
        for (int i = 0; i < 10; i++)
        {
            await project.Visit($"waiting-{i}");
        }

        await WebhookGateway.Until(() => Task.FromResult(receiver.All.Count >= 8));
        await project.Post($"/api/project/webhooks/{webhook}/test");

        Assert.Equal("webhook.test", (await receiver.Next()).Type);
        never.SetResult();
    }
}
