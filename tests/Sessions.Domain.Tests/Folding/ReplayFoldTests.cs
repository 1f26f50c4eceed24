using CsCheck;
using Sessions.Domain.Folding;
using Sessions.Domain.Replay;

namespace Sessions.Domain.Tests.Folding;

public sealed class ReplayFoldTests
{
    private static readonly Gen<JournalEntry> Block =
        from second in Gen.Int[-3, 12]
        from length in Gen.Int[0, 3]
        from id in Gen.Int[100, 160]
        from order in Gen.Int[0, 3]
        from clicks in Gen.Int[0, 3]
        from url in Gen.OneOf<string?>(null, "https://x.org/a", "https://x.org/b")
        from person in Gen.OneOf("ann", "ben")
        select Entry(second, length, id, clicks, url, person) with { SenderOrder = order };

    [Fact]
    public void A_session_with_only_a_replay_has_the_replays_times_and_no_pages()
    {
        Session session = View([Entry(5, 3, 100, clicks: 2, "https://x.org/a", "ann"), Entry(2, 2, 101, clicks: 1, null, "ann")]);

        Assert.Equal((Happened.At(2), Happened.At(5)), (session.StartTimestamp, session.EndTimestamp));
        Assert.Equal((0, null, null, "ann"), (session.EventCount, session.EntryCurrentUrl, session.IsBounce, session.DistinctId));
        Assert.True(session.HasReplay);
        Assert.Equal((Happened.At(2), TimeSpan.FromSeconds(6), 3), (session.ReplayStart, session.ReplayDuration, session.ReplayClickCount));
        Assert.Equal(SessionStatus.Live, session.Status);
    }

    [Fact]
    public void A_session_without_a_replay_has_no_replay_values()
    {
        Session session = Folded.View(new Happened("$pageview", 0));

        Assert.False(session.HasReplay);
        Assert.Equal((null, null, null), (session.ReplayStart, session.ReplayClickCount, session.ReplayActive));
    }

    [Fact]
    public void A_deleted_replay_counts_no_more_and_later_blocks_count()
    {
        JournalEntry[] entries =
        [
            Entry(5, 3, 100, clicks: 2, null, "ann") with { Number = 1 },
            JournalEntry.OfForgottenReplay(2, Happened.Noon),
        ];
        Assert.False(View(entries).HasReplay);

        Assert.Equal(1, View([.. entries, Entry(2, 2, 101, clicks: 1, null, "ann") with { Number = 3 }]).ReplayClickCount);
    }

    [Fact]
    public void Any_order_of_events_and_blocks_gives_the_same_session() =>
        Gen.Select(FoldHistories.Events, Block.Array[0, 12], Gen.Int).Sample(
            (events, blocks, seed) =>
            {
                JournalEntry[] entries = [.. events.Select(happened => happened.ToEntry(1)), .. blocks.DistinctBy(block => block.EventId)];
                JournalEntry[] shuffled = [.. entries];
                new Random(seed).Shuffle(shuffled);
                return Told(entries) == Told(shuffled);
            },
            iter: Laws.Cases);

    private static JournalEntry Entry(int second, int length, int id, int clicks, string? url, string person)
    {
        DateTimeOffset time = Happened.At(second);
        var summary = new ReplaySummary
        {
            Block = new Guid(id, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2),
            Born = new DateOnly(2026, 3, 1),
            StartMs = time.ToUnixTimeMilliseconds(),
            EndMs = time.AddSeconds(length).ToUnixTimeMilliseconds(),
            Clicks = clicks,
            Events = 10,
            Bytes = 100,
            FirstUrl = url,
        };
        return new JournalEntry(
            1, EntryKind.Replay, new Guid(id, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1), time, time, "$snapshot",
            UserDeviceKey.DeviceOf(person), person, null, null, summary.Write());
    }

    private static Session View(IEnumerable<JournalEntry> entries) =>
        SessionView.Of(Guid.Empty, FoldHistories.Fold(entries), Folded.Rules);

    // Who owns it, and whether it is live, is for the first to come; all else is the same.
    private static string Told(IEnumerable<JournalEntry> entries)
    {
        Session session = View(entries) with { Version = 0, Status = SessionStatus.Live, EndReason = null };
        return $"{session} {string.Join(',', session.EntryAdIds.OrderBy(pair => pair.Key))}".Replace(session.EntryAdIds.ToString()!, "", StringComparison.Ordinal);
    }
}
