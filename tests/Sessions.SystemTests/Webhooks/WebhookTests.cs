using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Sessions.SystemTests.Harness;

namespace Sessions.SystemTests.Webhooks;

/// <summary>Webhooks as their receivers see them, with what <c>./run</c> sets by itself.</summary>
public sealed class WebhookTests(SharedCluster shared)
{
    [Fact]
    public async Task Start_end_and_late_changes_are_delivered_signed_with_the_session_as_in_the_API()
    {
        Cluster cluster = await shared.Started;
        using Gateway gateway = cluster.Gateway();
        await using WebhookReceiver receiver = await WebhookReceiver.Start(gateway);
        await HasBegun(gateway, receiver);
        string person = Events.NewDistinctId("hooked"), session = Events.NewSessionId();
        DateTimeOffset begun = DateTimeOffset.UtcNow;

        await gateway.Track(Page(person, session, begun, "/a"), Page(person, session, begun.AddMilliseconds(5), "/b"));
        await Reset(gateway, person);
        Delivery[] told = await receiver.Until(session, "session.ended");
        Assert.Equal(["session.started", "session.ended"], told.Select(one => one.Type));
        Assert.All(told, one => Assert.True(WebhookCheck.IsGenuine(receiver.Secret, one.Headers, one.Body, one.At), "The signature is wrong."));
        Assert.Equal($"{await gateway.SessionOfWebhooks(session)}", $"{told[1].Json["data"]}");

        await gateway.Track(Page(person, session, begun.AddSeconds(-1), "/before"));
        told = await receiver.Until(session, "session.amended");
        Assert.Equal(told.Select(one => one.Version).Order(), told.Select(one => one.Version));
        Assert.Equal($"{await gateway.SessionOfWebhooks(session)}", $"{told[^1].Json["data"]}");
        Assert.Equal(3, (int)told[^1].Json["data"]!["$event_count"]!);

        Delivery last = told[^1];
        Assert.Equal("true false", await DocumentedCheck.InNode(receiver.Secret, last));
        using HttpClient prometheus = new();
        string metrics = await prometheus.GetStringAsync(cluster.Ready.Metrics[0].Address);
        Assert.Matches("""sessions_webhook_deliveries_total\{[^}]*outcome="delivered"[^}]*\} [1-9]""", metrics);
        Assert.DoesNotContain(receiver.Secret, await cluster.WholeOutput(), StringComparison.Ordinal);
        Assert.DoesNotContain(person, await cluster.WholeOutput(), StringComparison.Ordinal);
        await Delete(gateway, receiver);
    }

    [Fact]
    public async Task A_dead_delivery_is_listed_and_arrives_when_it_is_sent_again()
    {
        Cluster cluster = await shared.Started;
        using Gateway gateway = cluster.Gateway();
        await using WebhookReceiver receiver = await WebhookReceiver.Start(gateway);
        await HasBegun(gateway, receiver);
        // Of all answers this one needs no two days until nothing more is tried.
        receiver.Refusal = HttpStatusCode.Gone;
        receiver.Refuse(1);
        string person = Events.NewDistinctId("dead"), session = Events.NewSessionId();
        await gateway.Track(Page(person, session, DateTimeOffset.UtcNow, "/"));
        JsonNode dead = await Wait.For(
            async () => (await Deliveries(gateway, receiver, "dead")).SingleOrDefault(), "No dead delivery showed.", TimeSpan.FromMinutes(1));
        Assert.Equal((410, "it answered 410"), ((int)dead["status"]!, (string)dead["error"]!));

        using HttpResponseMessage on = await gateway.Ask(
            HttpMethod.Put, $"/api/project/webhooks/{receiver.Webhook}", JsonContent.Create(new { active = true }));
        using HttpResponseMessage again = await gateway.Ask(
            HttpMethod.Post, $"/api/project/webhooks/{receiver.Webhook}/deliveries/{dead["id"]}/redeliver");

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK), (on.StatusCode, again.StatusCode));
        string told = (string)dead["session_id"]!;
        Assert.Equal((string)dead["id"]!, (await receiver.Until(told, (string)dead["type"]!)).Last().Id);
        await Delete(gateway, receiver);
    }

    [Fact]
    public void The_documented_signature_check_in_CSharp_is_the_one_that_the_tests_use() =>
        Assert.Contains(DocumentedCheck.Block("csharp"), DocumentedCheck.SourceOfCheck(), StringComparison.Ordinal);

    private static JsonObject Page(string person, string session, DateTimeOffset at, string path) =>
        Events.Event("$pageview", person, session, at, ("$current_url", $"https://shop.example{path}"));

    /// <summary>A session that is told shows that every silo knows of the webhook.</summary>
    private static Task HasBegun(Gateway gateway, WebhookReceiver receiver) => Wait.For(
        async () =>
        {
            string session = Events.NewSessionId();
            await gateway.Track(Page(Events.NewDistinctId("first"), session, DateTimeOffset.UtcNow, "/"));
            return (await Deliveries(gateway, receiver, "")).Length > 0;
        },
        "No silo heard of the webhook.",
        TimeSpan.FromMinutes(1));

    private static async Task<JsonNode[]> Deliveries(Gateway gateway, WebhookReceiver receiver, string state)
    {
        using HttpResponseMessage answer = await gateway.Ask(HttpMethod.Get, $"/api/project/webhooks/{receiver.Webhook}/deliveries?state={state}");
        return [.. JsonNode.Parse(await answer.Content.ReadAsStringAsync())!["results"]!.AsArray().Select(one => one!)];
    }

    private static async Task Reset(Gateway gateway, string device)
    {
        using HttpResponseMessage answer = await gateway.Ask(HttpMethod.Post, $"/api/devices/{device}/reset");
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    private static async Task Delete(Gateway gateway, WebhookReceiver receiver)
    {
        using HttpResponseMessage answer = await gateway.Ask(HttpMethod.Delete, $"/api/project/webhooks/{receiver.Webhook}");
        Assert.Equal(HttpStatusCode.NoContent, answer.StatusCode);
    }
}
