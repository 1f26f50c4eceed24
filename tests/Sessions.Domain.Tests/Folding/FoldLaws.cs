using CsCheck;

namespace Sessions.Domain.Tests.Folding;

/// <summary>What holds for the fold of any events in any order.</summary>
public sealed class FoldLaws
{
    [Fact]
    public void Any_order_and_any_duplication_gives_what_a_recount_of_the_sorted_events_gives() =>
        Gen.Select(FoldHistories.Events, Gen.Int, Gen.Int[0, 20]).Sample(
            (events, seed, again) =>
            {
                var random = new Random(seed);
                Happened[] arriving = [.. events.Concat(events.Take(again))];
                random.Shuffle(arriving);
                SessionState state = Folded.Of(FoldHistories.Once(arriving));
                return NaiveRecount.Of(events) == NaiveRecount.Of(SessionView.Of(Guid.Empty, state, Folded.Rules));
            },
            iter: Laws.Cases);

    [Fact]
    public void A_checkpoint_is_read_back_as_it_was_written() =>
        FoldHistories.Entries.Sample(
            entries =>
            {
                SessionState state = FoldHistories.Fold(entries);
                SessionState? read = FoldCodec.TryRead(SessionFold.FoldVersion, FoldCodec.Write(state));
                return read is not null && FoldHistories.Stored(state) == FoldHistories.Stored(read);
            },
            iter: Laws.Cases);

    [Fact]
    public void A_fold_of_another_version_or_a_damaged_one_is_not_read()
    {
        byte[] bytes = FoldCodec.Write(Folded.Of(new Happened("$pageview", 0)));
        Assert.NotNull(FoldCodec.TryRead(SessionFold.FoldVersion, bytes));
        Assert.Null(FoldCodec.TryRead(SessionFold.FoldVersion - 1, bytes));
        Assert.Null(FoldCodec.TryRead(SessionFold.FoldVersion, bytes.AsSpan(0, bytes.Length / 2)));
        Assert.Null(FoldCodec.TryRead(SessionFold.FoldVersion, default));
    }
}
