using System.Text.Json.Nodes;
using Sessions.SystemTests.Audit;
using Sessions.SystemTests.Faults;
using Sessions.SystemTests.Harness;

namespace Sessions.SystemTests.Durability;

/// <summary>A real cluster on this machine: a process for each silo and each gateway.</summary>
[Collection(Lane.Broken)]
public sealed class ThreeSilosTests(FaultCluster cluster)
{
    private readonly Cluster _cluster = cluster.Cluster;

    [Fact]
    public async Task A_session_is_found_through_any_gateway_whoever_took_its_events()
    {
        await cluster.AreWell();
        using Gateway first = _cluster.Gateway(0);
        using Gateway second = _cluster.Gateway(1);
        Assert.Equal(first.Address.Port + 1, second.Address.Port);
        string session = Events.NewSessionId();
        string person = Events.NewDistinctId("both");
        string anonymous = Events.NewDistinctId("server-made");
        JsonObject twice = Events.Event("$autocapture", person, session);

        await first.Track(Events.Event("$pageview", person, session), twice);
        await second.Track(twice, Events.Event("$pageview", person, session));
        await first.Track(Events.Event("$pageview", anonymous));
        await second.Track(Events.Event("$pageview", anonymous));

        Assert.Equal(3, (int?)(await first.Session(session))?["$event_count"]);
        Assert.Equal(
            (await first.Session(session))!.ToJsonString(),
            (await second.Session(session))!.ToJsonString());
        JsonObject made = (await second.LiveSession(anonymous))!;
        Assert.Equal(2, (int?)made["$event_count"]);
        Assert.Equal((string?)made["$session_id"], (string?)(await first.LiveSession(anonymous))?["$session_id"]);
        await Books.AddUp(cluster.Reader, session, (string)made["$session_id"]!);
    }
}
