using System.Text.Json.Nodes;
using Sessions.SystemTests.Audit;
using Sessions.SystemTests.Harness;
using Sessions.SystemTests.Traffic;

namespace Sessions.SystemTests.Durability;

/// <summary>A real cluster on this machine: a process for each silo and each gateway.</summary>
[Collection(Lane.Killed)]
public sealed class ThreeSilosTests(ThreeSilosTests.ThreeSilos started) : IClassFixture<ThreeSilosTests.ThreeSilos>
{
    private const int EventsInEachPart = 2_000;
    private static readonly TimeSpan Restart = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan TrafficBound = TimeSpan.FromMinutes(2);

    private readonly Cluster _cluster = started.Cluster;

    [Fact]
    public async Task A_session_is_found_through_any_gateway_whichever_captured_its_events()
    {
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
        await Books.AddUp(_cluster.Reader, session, (string)made["$session_id"]!);
    }

    [Fact]
    public async Task Killed_silos_and_gateways_are_restarted_while_events_are_captured()
    {
        using Gateway first = _cluster.Gateway(0);
        using Gateway second = _cluster.Gateway(1);
        using CancellationTokenSource stop = new();
        Writers writers = new([first, second], visitors: 12, seed: 29);
        Task traffic = writers.Send(stop.Token);
        int parts = 0;

        await writers.HaveAcknowledged(++parts * EventsInEachPart, traffic, TrafficBound);
        foreach (string role in (string[])["silo", "gateway"])
        {
            RunningProcess killed = _cluster.Ready.OfRole(role).Last();
            Signals.Kill9(killed.Pid);
            await Wait.For(
                () => Task.FromResult(_cluster.Ready.Processes.Any(p => p.Name == killed.Name && p.Pid != killed.Pid && Signals.IsAlive(p.Pid))),
                () => $"{killed.Name} was not restarted, or the ready file does not say so.{Environment.NewLine}{_cluster.Output}",
                Restart);
            await writers.HaveAcknowledged(++parts * EventsInEachPart, traffic, TrafficBound);
        }

        await stop.CancelAsync();
        await traffic;
        Assert.True(writers.Retries > 0, "The kills hit nobody, so they showed nothing.");
        Assert.Equal(3, _cluster.Ready.OfRole("silo").Count());
        Assert.Equal(2, _cluster.Ready.OfRole("gateway").Count());
        await Books.AreRight(_cluster.Reader, writers);
    }

    /// <summary>The cluster that these tests share, one after the other.</summary>
    public sealed class ThreeSilos : IAsyncLifetime
    {
        private Cluster? _cluster;

        public Cluster Cluster => _cluster ?? throw new InvalidOperationException("The cluster was not started.");

        public async ValueTask InitializeAsync() =>
            _cluster = await Cluster.Launch(new ClusterPlan
            {
                Name = "three-silos",
                Silos = 3,
                Gateways = 2,
                IdleTimeout = TimeSpan.FromMinutes(30),
            });

        public async ValueTask DisposeAsync()
        {
            if (_cluster is not null)
            {
                await _cluster.DisposeAsync();
            }
        }
    }
}
