using Sessions.SystemTests.Audit;
using Sessions.SystemTests.Harness;

namespace Sessions.SystemTests.Backends;

/// <summary>The sample: a game server that calls grains, played by bots.</summary>
[Collection(Lane.Killed)]
public sealed class GameBackendTests
{
    private const int Bots = 8;
    private const int MatchesInEachPart = 40;
    private const int Visits = 8;
    private static readonly TimeSpan Restart = TimeSpan.FromMinutes(2);

    [Fact]
    public async Task Bots_sessions_are_right_although_a_silo_is_killed_while_they_play()
    {
        await using Cluster cluster = await Cluster.Launch(new ClusterPlan
        {
            Name = "game",
            Silos = 2,
            Gateways = 1,
            IdleTimeout = TimeSpan.FromMinutes(30),
        });
        using GameServer game = GameServer.Start(cluster.ReadyFile, Bots);
        int visits = 0;
        await game.HavePlayed(MatchesInEachPart);
        // News are told at most once: what a silo has not yet told when it is killed, nobody tells.
        await Wait.For(() => AllAreSeen(game), "Not every bot's start was told.", Restart);
        RunningProcess killed = cluster.Ready.OfRole("silo").Last();
        Signals.Kill9(killed.Pid);
        await Wait.For(
            () => Task.FromResult(cluster.Ready.Processes.Any(p => p.Name == killed.Name && p.Pid != killed.Pid)),
            "The silo was not restarted.",
            Restart);
        await game.HavePlayed(await game.PlayedSoFar() + MatchesInEachPart);
        await Wait.For(async () => await AreTold(game, visits++), "Not every silo is followed again.", Restart);

        IReadOnlyList<Player> players = await game.End();

        IReadOnlyList<string> turnout = await game.Turnout();
        Assert.Contains(turnout, line => line.StartsWith("news may have been missed", StringComparison.Ordinal));
        foreach (Player player in players)
        {
            Assert.Single(turnout, line => line.StartsWith($"{player.Name} plays", StringComparison.Ordinal));
            Assert.Single(turnout, line => line.StartsWith($"{player.Name} left (reset)", StringComparison.Ordinal));
        }

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

    /// <summary>Whether every bot's start has been told.</summary>
    private static async Task<bool> AllAreSeen(GameServer game)
    {
        IReadOnlyList<string> turnout = await game.Turnout();
        return Enumerable.Range(1, Bots).All(bot => IsSaid(turnout, $"bot-{bot} plays"));
    }

    /// <summary>Whether of a few visits, spread over the silos, every start and end has been told.</summary>
    private static async Task<bool> AreTold(GameServer game, int round)
    {
        await Task.WhenAll(Guests(round).Select(game.Visit));
        string[] turnout = [.. await game.Turnout()];
        return Enumerable.Range(0, round).Any(earlier => Guests(earlier).All(guest =>
            IsSaid(turnout, $"{guest} plays") && IsSaid(turnout, $"{guest} left")));
    }

    private static bool IsSaid(IEnumerable<string> turnout, string what) =>
        turnout.Any(line => line.StartsWith(what, StringComparison.Ordinal));

    private static IEnumerable<string> Guests(int round) => Enumerable.Range(1, Visits).Select(n => $"guest-{round}-{n}");
}
