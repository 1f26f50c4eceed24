using Sessions.SystemTests.Harness;

namespace Sessions.SystemTests.Webhooks;

/// <summary>Webhook deliveries survive the death of every process.</summary>
[Collection(Lane.Killed)]
public sealed class KilledWebhookTests
{
    private const int Sessions = 40;
    private static readonly TimeSpan Restart = TimeSpan.FromMinutes(1);

    [Fact]
    public async Task After_all_processes_were_killed_pending_webhook_deliveries_arrive_in_order_and_none_is_missing()
    {
        await using Cluster cluster = await Cluster.Launch(new ClusterPlan
        {
            Name = "webhooks",
            Silos = 2,
            Gateways = 1,
            IdleTimeout = TimeSpan.FromMinutes(30),
            Settings = new Dictionary<string, string>
            {
                ["Sessions__Webhooks__FirstPause"] = "00:00:01",
                ["Sessions__Webhooks__LongestPause"] = "00:00:02",
                ["Sessions__Webhooks__LongestRest"] = "00:00:01",
                ["Sessions__Webhooks__TakeOver"] = "00:00:02",
                ["Sessions__Webhooks__Timeout"] = "00:00:05",
                ["Sessions__Webhooks__MaxAttempts"] = "100",
            },
        });
        using Gateway gateway = cluster.Gateway();
        await using WebhookReceiver receiver = await WebhookReceiver.Start(gateway);
        await IsKnown(gateway, receiver);

        // Refuses all until everything that knows of it has been killed.
        receiver.Refuse(int.MaxValue);
        string[] sessions = [.. Enumerable.Range(0, Sessions).Select(_ => Events.NewSessionId())];
        await Task.WhenAll(sessions.Select(session => Visit(gateway, session)));
        await Wait.For(() => Task.FromResult(receiver.Refused > 0), "Nothing was tried.", Restart);
        RunningProcess[] silos = [.. cluster.Ready.OfRole("silo")];
        foreach (RunningProcess silo in silos)
        {
            Signals.Kill9(silo.Pid);
        }

        await Wait.For(
            () => Task.FromResult(silos.All(silo => cluster.Ready.Processes.Any(now => now.Name == silo.Name && now.Pid != silo.Pid))),
            "The silos were not restarted.",
            Restart);
        string[] later = [.. Enumerable.Range(0, Sessions).Select(_ => Events.NewSessionId())];
        await Task.WhenAll(later.Select(session => Visit(gateway, session)));
        await cluster.Kill9();
        receiver.Refuse(3);
        await cluster.Start();

        foreach (string session in sessions.Concat(later))
        {
            Delivery[] told = await receiver.Until(session, "session.ended");
            Assert.Equal(["session.started", "session.ended"], told.DistinctBy(one => one.Id).Select(one => one.Type));
            Assert.All(told, one => Assert.True(WebhookCheck.IsGenuine(receiver.Secret, one.Headers, one.Body, one.At)));
            Assert.Equal($"{await gateway.SessionOfWebhooks(session)}", $"{told[^1].Json["data"]}");
        }
    }

    /// <summary>Every silo has heard of the webhook: so many in a row are told, on whichever silo they were.</summary>
    private static Task IsKnown(Gateway gateway, WebhookReceiver receiver)
    {
        const int InARow = 20;
        List<string> visits = [];
        return Wait.For(
            async () =>
            {
                visits.Add(Events.NewSessionId());
                await Visit(gateway, visits[^1]);
                int inARow = 0;
                return visits.Any(session => (inARow = receiver.Of(session).Length == 2 ? inARow + 1 : 0) == InARow);
            },
            "Not every silo heard of the webhook.",
            Restart);
    }

    /// <summary>A session that begins and ends, asked for again when something dies on the way.</summary>
    private static async Task Visit(Gateway gateway, string session)
    {
        string person = Events.NewDistinctId("killed");
        System.Text.Json.Nodes.JsonObject view = Events.Event("$pageview", person, session, null, ("$current_url", "https://shop.example/"));
        await Wait.For(
            async () =>
            {
                using HttpResponseMessage answer = await gateway.Capture([view]);
                return answer.IsSuccessStatusCode;
            },
            "An event was not taken.",
            Restart);
        await Wait.For(
            async () =>
            {
                using HttpResponseMessage answer = await gateway.Ask(HttpMethod.Post, $"/api/devices/{person}/reset");
                return answer.IsSuccessStatusCode || answer.StatusCode == System.Net.HttpStatusCode.NotFound;
            },
            "A session was not ended.",
            Restart);
    }
}
