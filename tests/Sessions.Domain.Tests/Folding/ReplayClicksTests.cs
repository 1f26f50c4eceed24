using Sessions.Domain.Folding;
using Sessions.Domain.Replay;
using Sessions.Domain.Replay.Clicks;

namespace Sessions.Domain.Tests.Folding;

/// <summary>What a session counts of the rage and dead clicks in its recording.</summary>
public sealed class ReplayClicksTests
{
    [Fact]
    public void Clicks_that_were_found_count_and_a_search_of_more_blocks_replaces_them()
    {
        Assert.Equal((2, 3), Counts(Block(1), Clicks(2, upTo: 1, rage: 2, dead: 3)));
        Assert.Equal((1, 4), Counts(Block(1), Clicks(2, upTo: 1, rage: 2, dead: 3), Block(3), Clicks(4, upTo: 3, rage: 1, dead: 4)));
    }

    [Fact]
    public void A_repeated_or_overtaken_search_changes_nothing()
    {
        Assert.Equal((2, 3), Counts(Block(1), Clicks(2, upTo: 1, rage: 2, dead: 3), Clicks(3, upTo: 1, rage: 2, dead: 3)));
        Assert.Equal((1, 4), Counts(Block(1), Block(2), Clicks(3, upTo: 2, rage: 1, dead: 4), Clicks(4, upTo: 1, rage: 2, dead: 3)));
    }

    [Fact]
    public void Events_of_the_sdk_have_priority_each_kind_for_itself()
    {
        JournalEntry said = new Happened("$rageclick", 1).ToEntry(3);

        Assert.Equal((1, 3), Counts(Block(1), Clicks(2, upTo: 1, rage: 2, dead: 3), said));
    }

    [Fact]
    public void A_search_that_began_before_the_recording_was_deleted_does_not_count()
    {
        JournalEntry[] entries = [Block(1), JournalEntry.OfForgottenReplay(2, Happened.Noon)];

        Assert.Equal((0, 0), Counts([.. entries, Clicks(3, upTo: 1, rage: 2, dead: 3)]));
        Assert.Equal((0, 0), Counts([.. entries, Block(3), Clicks(4, upTo: 1, rage: 2, dead: 3)]));
        Assert.Equal((5, 0), Counts([.. entries, Block(3), Clicks(4, upTo: 3, rage: 5, dead: 0)]));
    }

    [Fact]
    public void A_recording_is_due_for_a_search_when_it_has_clicks_that_none_has_looked_at()
    {
        Assert.True(Fold(Block(1)).Replay!.IsUnsearched);
        Assert.False(Fold(Block(1, clicks: 0)).Replay!.IsUnsearched);
        Assert.False(Fold(Block(1, source: "mobile")).Replay!.IsUnsearched);
        Assert.False(Fold(Block(1), Clicks(2, upTo: 1, rage: 0, dead: 0)).Replay!.IsUnsearched);
        Assert.True(Fold(Block(1), Clicks(2, upTo: 1, rage: 0, dead: 0), Block(3)).Replay!.IsUnsearched);
    }

    [Fact]
    public void After_the_erasure_of_a_person_the_recording_is_searched_again()
    {
        var erased = new JournalEntry(3, EntryKind.PersonForgotten, Guid.Empty, Happened.Noon, Happened.Noon, "", "", "", null, null, default);
        SessionState state = Fold(Block(1), Clicks(2, upTo: 1, rage: 2, dead: 3), erased);

        Assert.True(state.Replay!.IsUnsearched);
        Assert.Equal(0, SessionView.Of(Guid.Empty, state, Folded.Rules).RageClickCount);
    }

    [Fact]
    public void A_session_whose_first_entry_is_of_clicks_begins_with_the_next()
    {
        StoredSession stored = new(new DateOnly(2026, 3, 1), null, [Clicks(1, upTo: 1, rage: 1, dead: 1), Block(2)], []);

        (SessionState? state, _, SessionDamage? damage) = StoredFold.Of(stored, Folded.Rules);

        Assert.Null(damage);
        Assert.Equal(2, state!.Number);
    }

    [Fact]
    public void A_checkpoint_keeps_what_was_found_and_what_windows_have()
    {
        SessionState state = Fold(Block(1), Block(2, window: "w2", full: 0), Clicks(3, upTo: 2, rage: 2, dead: 3));

        SessionState read = FoldCodec.TryRead(SessionFold.FoldVersion, FoldCodec.Write(state))!;

        Assert.Equal(new FoundClicks(2, 2, 3), read.Replay!.Found);
        Assert.Equal(new ReplayWindows(2, 1, false), SessionView.Of(Guid.Empty, read, Folded.Rules).ReplayWindows);
        Assert.False(read.Replay!.IsUnsearched);
    }

    [Fact]
    public void What_windows_have_of_pictures_depends_on_no_order_and_is_unknown_when_a_block_does_not_say_it()
    {
        JournalEntry[] blocks = [Block(1, window: "a", full: 0), Block(2, window: "b", full: 1), Block(3, window: "a", full: 2), Block(4, window: "c", full: 0)];
        foreach (JournalEntry[] order in new[] { blocks, [blocks[3], blocks[1], blocks[2], blocks[0]] })
        {
            Assert.Equal(new ReplayWindows(3, 2, false), Windows(order));
        }

        Assert.Null(Windows(Block(1, full: null)));
        Assert.Equal(new ReplayWindows(1, 1, false), Windows(Block(1, full: null), Block(2, full: 1)));
        Assert.Null(Windows([.. Enumerable.Range(1, ReplayState.MaxWindows + 1).Select(number => Block(number, window: $"w{number}"))]));
    }

    private static ReplayWindows? Windows(params JournalEntry[] entries) => SessionView.Of(Guid.Empty, Fold(entries), Folded.Rules).ReplayWindows;

    private static (int Rage, int Dead) Counts(params JournalEntry[] entries)
    {
        Session session = SessionView.Of(Guid.Empty, Fold(entries), Folded.Rules);
        return (session.RageClickCount, session.DeadClickCount);
    }

    private static SessionState Fold(params JournalEntry[] entries)
    {
        SessionState? state = null;
        foreach (JournalEntry entry in entries)
        {
            state = SessionFold.Apply(state, entry, Domain.Events.EventFacts.None, Folded.Rules);
        }

        return state!;
    }

    private static JournalEntry Clicks(int number, int upTo, int rage, int dead) =>
        JournalEntry.OfReplayClicks(number, new ReplayClicks { UpTo = upTo, Rage = rage, Dead = dead }, Happened.Noon);

    private static JournalEntry Block(int number, int clicks = 1, string source = "web", string window = "w1", int? full = 1)
    {
        DateTimeOffset time = Happened.At(number);
        var summary = new ReplaySummary
        {
            Block = new Guid(number, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2),
            Born = new DateOnly(2026, 3, 1),
            StartMs = time.ToUnixTimeMilliseconds(),
            EndMs = time.ToUnixTimeMilliseconds(),
            Clicks = clicks,
            Events = 1,
            Bytes = 1,
            Source = source,
            FullSnapshots = full,
        };
        return new JournalEntry(
            number, EntryKind.Replay, new Guid(number, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1), time, time, "$snapshot",
            UserDeviceKey.DeviceOf("ann"), "ann", null, window, summary.Write());
    }
}
