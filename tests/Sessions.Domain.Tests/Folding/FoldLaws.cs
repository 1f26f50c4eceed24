using CsCheck;
using Sessions.Domain.Folding;

namespace Sessions.Domain.Tests.Folding;

/// <summary>Laws for the fold of any events in any order.</summary>
public sealed class FoldLaws
{
    [Fact]
    public void Folding_events_in_any_order_with_duplicates_equals_recounting_the_sorted_events() =>
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
    public void A_stored_fold_of_another_version_or_with_damage_is_not_read()
    {
        byte[] bytes = FoldCodec.Write(Folded.Of(new Happened("$pageview", 0)));
        Assert.NotNull(FoldCodec.TryRead(SessionFold.FoldVersion, bytes));
        Assert.Null(FoldCodec.TryRead((short)(SessionFold.FoldVersion - 1), bytes));
        Assert.Null(FoldCodec.TryRead(SessionFold.FoldVersion, bytes.AsSpan(0, bytes.Length / 2)));
        Assert.Null(FoldCodec.TryRead(SessionFold.FoldVersion, default));
    }
}
