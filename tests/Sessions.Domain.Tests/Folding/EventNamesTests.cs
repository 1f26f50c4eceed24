using CsCheck;
using Sessions.Domain.Folding;

namespace Sessions.Domain.Tests.Folding;

/// <summary>The names of a session's events.</summary>
public sealed class EventNamesTests
{
    [Theory]
    [InlineData("b@1 a@0", "a b", "by time, not by arrival")]
    [InlineData("a@0 b@1 a@2 b@3", "a b", "each once")]
    [InlineData("a@5 b@3 a@1", "a b", "a late event may move its name to the front")]
    [InlineData("b@2 a@1 b@0", "b a", "and past others")]
    [InlineData("A@0 a@1", "A a", "letter case tells names apart")]
    public void The_different_names_are_in_the_order_of_their_first_events(string story, string names, string because) =>
        Assert.True(names == string.Join(' ', Folded.View(Stories.Read(story)).EventNames!), because);

    [Fact]
    public void Names_with_the_same_time_are_in_the_senders_order_and_then_in_that_of_the_ids()
    {
        Happened Named(string name, long order, int id) => new(name, 0) { SenderOrder = order, Id = new Guid(id, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0) };
        Happened[] events = [Named("d", 1, 2), Named("c", 1, 1), Named("b", 0, 9), Named("a", 0, 8)];
        Assert.Equal(["a", "b", "c", "d"], Folded.View(events).EventNames);
        Assert.Equal(["a", "b", "c", "d"], Folded.View([.. events.Reverse()]).EventNames);
    }

    [Fact]
    public void A_recording_has_no_name_and_a_session_with_only_a_recording_has_no_names()
    {
        Assert.Null(Folded.View(new Happened("$snapshot", 0) { IsReplay = true }).EventNames);
        Assert.Equal(["a"], Folded.View(new Happened("$snapshot", 0) { IsReplay = true }, new Happened("a", 1)).EventNames);
    }

    [Fact]
    public void A_name_is_cut_to_the_length_of_a_name() =>
        Assert.Equal([new string('x', IdText.MaxLength)], Folded.View(new Happened(new string('x', 5_000), 0)).EventNames);

    [Fact]
    public void The_first_200_names_are_kept_whatever_the_order_of_arrival_is_also_across_checkpoints() =>
        Gen.Select(Gen.Int[0, 260].Array[300, 900], Gen.Int).Sample(
            (numbers, seed) =>
            {
                Happened[] events = [.. numbers.Select((number, second) => new Happened($"event {number}", second) { Id = new Guid(second + 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0) })];
                string[] expected = [.. events.Select(happened => happened.Name).Distinct().Take(FirstNames.Most)];
                Happened[] arriving = [.. events];
                var random = new Random(seed);
                random.Shuffle(arriving);
                SessionState? state = null;
                foreach (Happened happened in arriving)
                {
                    state = state.Plus(happened);
                    if (random.Next(50) == 0)
                    {
                        state = FoldCodec.TryRead(SessionFold.FoldVersion, FoldCodec.Write(state))!;
                    }
                }

                return SessionView.Of(Guid.Empty, state!, Folded.Rules).EventNames!.SequenceEqual(expected);
            },
            iter: Math.Min(Laws.Cases, 50));

    [Theory]
    [InlineData("$rageclick@0 $rageclick@1 $dead_click@2", 2, 1)]
    [InlineData("$pageview@0 rageclick@1 $Rageclick@2", 0, 0)]
    public void Rage_clicks_and_dead_clicks_are_counted_by_their_names(string story, int rage, int dead)
    {
        Session session = Folded.View(Stories.Read(story));
        Assert.Equal((rage, dead), (session.RageClickCount, session.DeadClickCount));
    }
}
