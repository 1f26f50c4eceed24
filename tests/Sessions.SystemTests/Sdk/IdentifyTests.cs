using System.Text.Json.Nodes;
using Sessions.SystemTests.Audit;
using Sessions.SystemTests.Harness;

namespace Sessions.SystemTests.Sdk;

/// <summary>
/// Backends have no device id: an <c>$identify</c> with both ids makes an anonymous id part of a person.
/// </summary>
[Collection(Lane.Shared)]
public sealed class IdentifyTests(SharedCluster shared)
{
    [Theory]
    [InlineData("in one batch", 3)]
    [InlineData("each in a request of its own", 1)]
    public async Task An_identify_without_a_device_id_continues_the_session_and_a_repeat_changes_nothing(
        string how, int batchSize)
    {
        Cluster cluster = await shared.Started;
        using Gateway gateway = cluster.Gateway();
        (string anonymous, string person) = (Events.NewDistinctId("anonymous"), Events.NewDistinctId("person"));
        DateTimeOffset now = DateTimeOffset.UtcNow;
        JsonObject[] sent =
        [
            Events.Event("looked around", anonymous, timestamp: now.AddSeconds(-30)),
            Events.Event("$identify", person, timestamp: now.AddSeconds(-20), properties: ("$anon_distinct_id", anonymous)),
            Events.Event("signed up", person, timestamp: now.AddSeconds(-10)),
        ];

        foreach (JsonObject[] batch in sent.Chunk(batchSize))
        {
            await gateway.Track(batch);
        }

        await IsOneSession();
        foreach (JsonObject[] batch in sent.Chunk(batchSize))
        {
            await gateway.Track(batch);
        }

        await IsOneSession();

        async Task IsOneSession()
        {
            StoredEvent[] stored = [.. (await Books.EventsOf(cluster.Reader)).Where(e => e.DistinctId == anonymous || e.DistinctId == person)];
            Assert.Equal(sent.Select(e => (string)e["uuid"]!).Order(), stored.Select(e => e.EventId.ToString()).Order());
            string session = Assert.Single(stored.Select(e => e.SessionId).Distinct()).ToString();
            JsonObject live = (await gateway.LiveSession(person))!;
            Assert.True(session == (string?)live["$session_id"], how);
            Assert.Equal(3, (int?)live["$event_count"]);
            Assert.Equal(person, (string?)live["distinct_id"]);
            Assert.Null(await gateway.LiveSession(anonymous));
            await Books.AddUp(cluster.Reader, session);
        }
    }
}
