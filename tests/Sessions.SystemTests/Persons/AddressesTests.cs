using System.Text;
using System.Text.Json.Nodes;
using Sessions.SystemTests.Harness;
using Sessions.Tests;

namespace Sessions.SystemTests.Persons;

/// <summary>No visitor's IP address is stored or logged, whichever way it comes in.</summary>
[Collection(Lane.Shared)]
public sealed class AddressesTests(SharedCluster shared)
{
    private const string Address = "203.0.113.77";
    private const string LongAddress = "2001:db8:77::77";

    [Fact]
    public async Task No_table_and_no_log_contains_an_ip_address_that_was_sent()
    {
        Cluster cluster = await shared.Started;
        using Gateway gateway = cluster.Gateway();
        string visitor = Events.NewDistinctId("somewhere"), session = Events.NewSessionId();
        JsonObject[] events =
        [
            Events.Event("$pageview", visitor, session, properties: [("$ip", Address)]),
            Events.Event("$identify", visitor, session, properties: [("$ip", LongAddress), ("$anon_distinct_id", $"{visitor}-before")]),
            // Without cookies: an id is made of it, by a salt that goes.
            Events.Event("$pageview", "$posthog_cookieless", properties: [("$cookieless_mode", true), ("$raw_user_agent", "Mozilla/5.0"), ("$host", "example.org"), ("$ip", Address)]),
        ];
        JsonObject body = new() { ["api_key"] = gateway.Token, ["batch"] = new JsonArray([.. events]), ["ip"] = Address };

        using StringContent content = new(body.ToJsonString(), Encoding.UTF8, "application/json");
        content.Headers.Add("X-Forwarded-For", $"{Address}, 198.51.100.77");
        using HttpResponseMessage answer = await gateway.Post($"/batch/?ip=1&_={Address}", content);
        JsonObject snapshot = Events.Event("$snapshot", visitor, session, properties:
        [
            ("$ip", Address), ("$window_id", Events.NewSessionId()),
            ("$snapshot_data", new JsonArray(new JsonObject { ["type"] = 3, ["timestamp"] = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds(), ["data"] = new JsonObject() })),
        ]);
        snapshot["api_key"] = gateway.Token;
        using StringContent recorded = new(snapshot.ToJsonString(), Encoding.UTF8, "application/json");
        recorded.Headers.Add("X-Forwarded-For", Address);
        using HttpResponseMessage recordedAnswer = await gateway.Post("/s/", recorded);

        Assert.Equal("""{"status":"Ok"}""", await answer.Content.ReadAsStringAsync());
        await gateway.SessionWith(session, 2);
        Assert.NotEmpty(await DatabaseText.TablesWith(cluster.Operator, visitor));
        foreach (string address in new[] { Address, LongAddress, "198.51.100.77" })
        {
            Assert.Empty(await DatabaseText.TablesWith(cluster.Operator, address));
            Assert.DoesNotContain(address, await cluster.WholeOutput(), StringComparison.Ordinal);
        }
    }
}
