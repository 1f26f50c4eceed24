using System.Net;

namespace Sessions.Samples.GameBackend;

/// <summary>Bots that play against each other over HTTP, as people would.</summary>
internal static class BotLeague
{
    /// <summary>Plays until the text ends or has a line; then all leave, and say what they did.</summary>
    public static async Task<BotReport[]> Play(HttpClient http, int bots, TextReader until)
    {
        Task told = Task.Run(until.ReadLine);
        int played = 0;
        return await Task.WhenAll(Enumerable.Range(1, bots).Select(n =>
            new Bot(http, $"bot-{n}", () => told.IsCompleted, () => Say(Interlocked.Increment(ref played))).Play()));
    }

    private static void Say(int played)
    {
        if (played % 10 == 0)
        {
            Console.WriteLine($"played {played}");
        }
    }
}

/// <summary>What a bot did, for who wants to compare it with the tracked session.</summary>
internal sealed record BotReport(string Player, Guid SessionId, int Matches, int Moves, int EventsAtTheEnd, string? EndReason);

/// <summary>A player without a face.</summary>
internal sealed class Bot(HttpClient http, string player, Func<bool> enough, Action played)
{
    private const int ThreeStonesAtMost = 3;
    private static readonly TimeSpan PatienceForAnOpponent = TimeSpan.FromSeconds(2);

    private int _matches;
    private int _moves;

    public async Task<BotReport> Play()
    {
        using HttpResponseMessage joined = await http.PostAsync($"/players/{player}", null);
        Joined session = (await joined.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<Joined>())!;
        while (!enough())
        {
            if (await FindMatch() is { } match)
            {
                await Play(match);
                played();
            }
        }

        Playing ended = (await http.DeleteFromJsonAsync<Playing>($"/players/{player}"))!;
        return new BotReport(player, session.SessionId!.Value, _matches, _moves, ended.Events, ended.EndReason);
    }

    private async Task<string?> FindMatch()
    {
        Task<HttpResponseMessage> asked = http.PostAsync($"/players/{player}/match", null);
        using PeriodicTimer pace = new(PatienceForAnOpponent);
        while (!asked.IsCompleted)
        {
            await Task.WhenAny(asked, pace.WaitForNextTickAsync().AsTask());
            if (enough() && !asked.IsCompleted)
            {
                // The others may have left already.
                using HttpResponseMessage left = await http.DeleteAsync($"/players/{player}/match");
                break;
            }
        }

        using HttpResponseMessage answer = await asked;
        return answer.StatusCode == HttpStatusCode.NotFound
            ? null
            : (await answer.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<Found>())!.Match;
    }

    private async Task Play(string match)
    {
        _matches++;
        while (true)
        {
            MatchState state = (await http.GetFromJsonAsync<MatchState>($"/matches/{match}/turn?player={player}"))!;
            if (state.Winner is not null)
            {
                return;
            }

            // Leaving a multiple of four wins; where that can't be, one stone is as good as any.
            int take = state.Left % (ThreeStonesAtMost + 1) is > 0 and int rest ? rest : 1;
            using HttpResponseMessage moved = await http.PostAsync($"/matches/{match}/moves?player={player}&take={take}", null);
            moved.EnsureSuccessStatusCode();
            _moves++;
        }
    }
}
