using CsCheck;
using Sessions.Domain;
using Sessions.Domain.Tests;
using Sessions.Domain.Tests.Folding;
using Sessions.Grains;

namespace Sessions.Tests.Grains.Ledger;

/// <summary>What holds for a session that begins with a checkpoint.</summary>
public sealed class CheckpointLaws
{
    [Fact]
    public void A_session_loaded_from_any_checkpoint_and_the_entries_after_it_is_the_whole_fold() =>
        Gen.Select(FoldHistories.Entries, Gen.Int[0, 40]).Sample(
            (entries, cut) =>
            {
                cut = Math.Min(cut, entries.Length);
                SessionState? checkpoint = cut == 0
                    ? null
                    : FoldCodec.TryRead(SessionFold.FoldVersion, FoldCodec.Write(FoldHistories.Fold(entries.Take(cut))));
                SessionLedger ledger = SessionLedger.Of(
                    SessionKey.Create("shop", Guid.AllBitsSet),
                    new StoredSession(new DateOnly(2026, 3, 1), checkpoint, [.. entries.Skip(cut)], []),
                    Folded.Rules,
                    new DateOnly(2026, 3, 2));
                return FoldHistories.Stored(ledger.Committed!) == FoldHistories.Stored(FoldHistories.Fold(entries));
            },
            iter: Laws.Cases);
}
