using CsCheck;
using Sessions.Domain.Folding;

namespace Sessions.Domain.Tests.Folding;

/// <summary>Laws for a session that is loaded from a checkpoint.</summary>
public sealed class CheckpointLaws
{
    [Fact]
    public void Loading_any_checkpoint_and_applying_the_later_entries_equals_folding_all_entries() =>
        Gen.Select(FoldHistories.Entries, Gen.Int[0, 40]).Sample(
            (entries, cut) =>
            {
                cut = Math.Min(cut, entries.Length);
                SessionState? checkpoint = cut == 0
                    ? null
                    : FoldCodec.TryRead(SessionFold.FoldVersion, FoldCodec.Write(FoldHistories.Fold(entries.Take(cut))));
                SessionMachine session = SessionMachine.Load(
                    SessionKey.Create("shop", Guid.AllBitsSet),
                    new StoredSession(new DateOnly(2026, 3, 1), checkpoint, [.. entries.Skip(cut)], []),
                    Folded.Rules,
                    new DateOnly(2026, 3, 2));
                return FoldHistories.Stored(session.Committed!) == FoldHistories.Stored(FoldHistories.Fold(entries));
            },
            iter: Laws.Cases);
}
