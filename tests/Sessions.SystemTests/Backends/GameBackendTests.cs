using Sessions.SystemTests.Audit;
using Sessions.SystemTests.Harness;

namespace Sessions.SystemTests.Backends;

/// <summary>The sample: a game server that calls grains, played by bots.</summary>
[Collection(Lane.Own)]
public sealed class GameBackendTests
{
    private const int Bots = 8;
    private const int MatchesInEachPart = 40;
    private static readonly TimeSpan Restart = TimeSpan.FromMinutes(1);

    [Fact]
    public async Task Bots_play_while_a_silo_is_killed_and_their_sessions_are_right()
    {
        await using Cluster cluster = await Cluster.Launch(new ClusterPlan
        {
            Name = "game",
            Silos = 2,
            Gateways = 1,
            IdleTimeout = TimeSpan.FromMinutes(30),
        });
        using GameServer game = GameServer.Start(cluster.ReadyFile, Bots);
        await game.HavePlayed(MatchesInEachPart);
        RunningProcess killed = cluster.Ready.OfRole("silo").Last();
        Signals.Kill9(killed.Pid);
        await Wait.For(
            () => Task.FromResult(cluster.Ready.Processes.Any(p => p.Name == killed.Name && p.Pid != killed.Pid)),
            "The silo was not restarted.",
            Restart);
        await game.HavePlayed(await game.PlayedSoFar() + MatchesInEachPart);

        IReadOnlyList<Player> players = await game.End();

        Assert.Equal(Bots, players.Count);
        IReadOnlyList<StoredEvent> stored = await Books.EventsOf(cluster.Reader);
        foreach (Player player in players)
        {
            StoredEvent[] mine = [.. stored.Where(e => e.DistinctId == player.Name)];
            Assert.Equal([player.SessionId], mine.Select(e => e.SessionId).Distinct());
            Assert.Equal(1, mine.Count(e => e.Name == "player_joined"));
            Assert.Equal(player.Matches, mine.Count(e => e.Name == "match_found"));
            Assert.Equal(player.Matches, mine.Count(e => e.Name == "match_over"));
            Assert.Equal(player.Moves, mine.Count(e => e.Name == "move"));
            Assert.Equal(mine.Length, mine.Select(e => e.EventId).Distinct().Count());
            Assert.Equal(mine.Length, player.EventsAtTheEnd);
            Assert.Equal("reset", player.EndReason);
        }

        await Books.AddUp(cluster.Reader, [.. players.Select(player => $"{player.SessionId}")]);
        await cluster.Stop();
    }
}
