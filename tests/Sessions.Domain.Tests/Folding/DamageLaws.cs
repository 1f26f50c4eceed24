using System.Text;
using CsCheck;
using Sessions.Domain.Folding;

namespace Sessions.Domain.Tests.Folding;

/// <summary>Laws for stored sessions that are damaged: whatever the damage is, the session loads and goes on.</summary>
public sealed class DamageLaws
{
    private static readonly SessionKey Key = SessionKey.Create("shop", Guid.AllBitsSet);
    private static readonly DateOnly Today = new(2026, 3, 2);

    private static readonly Func<JournalEntry, JournalEntry>[] Damages =
    [
        entry => entry with { Kind = (EntryKind)7 },
        entry => entry with { Kind = (EntryKind)(-7) },
        entry => entry with { Kind = EntryKind.End, Name = "merged" },
        entry => entry with { Kind = EntryKind.Replay },
        entry => entry with { Kind = EntryKind.ReplayForgotten },
        entry => entry with { Time = DateTimeOffset.MaxValue },
        entry => entry with { ReceivedAt = DateTimeOffset.MaxValue },
        entry => entry with { Time = DateTimeOffset.MinValue, ReceivedAt = DateTimeOffset.MinValue },
        entry => entry with { Properties = Encoding.UTF8.GetBytes("[1]") },
        entry => entry with { DistinctId = "", Device = "", DeviceId = null },
        entry => JournalEntry.OfUnreadable(entry.Number, "damaged"),
    ];

    [Fact]
    public void A_damaged_entry_keeps_its_number_and_costs_no_other_entry() =>
        Gen.Select(FoldHistories.Entries, Gen.Int[0, 100], Gen.Int[0, Damages.Length - 1]).Sample(
            (entries, at, damage) =>
            {
                at %= entries.Length;
                JournalEntry[] damaged = [.. entries.Select((entry, place) => place == at ? Damages[damage](entry) : entry)];
                SessionMachine session = Load(new StoredSession(Today, null, damaged, []) { Row = Row(entries[^1].Number) });
                int events = entries.Where((entry, place) => place != at && entry.Kind is (EntryKind.NamedEvent or EntryKind.PlacedEvent)).Count();
                return session.Committed!.Number == entries[^1].Number
                    && session.Committed.EventCount >= events
                    && SessionView.Of(Key.SessionId, session.Committed, Folded.Rules) is not null;
            },
            iter: Laws.Cases);

    [Fact]
    public void A_session_without_any_readable_entry_goes_on_from_its_row()
    {
        JournalEntry[] entries = [JournalEntry.OfUnreadable(1, "damaged"), JournalEntry.OfUnreadable(2, "damaged")];

        SessionMachine session = Load(new StoredSession(Today, null, entries, []) { Row = Row(2) });

        Assert.Equal((2, 0, SessionStatus.Live, "phone"), (session.Committed!.Number, session.Committed.EventCount, session.Committed.Status, session.Committed.Owner));
        Assert.Equal((2, 1), (session.Damage!.Entries, session.Damage.First));
        Assert.Null(session.AfterLoad().Checkpoint);
    }

    [Fact]
    public void A_row_that_lacks_damaged_entries_is_brought_up_to_their_numbers()
    {
        SessionMachine session = Load(new StoredSession(Today, null, [JournalEntry.OfUnreadable(3, "damaged")], []) { Row = Row(2) });

        Assert.Equal(3, session.AfterLoad().Checkpoint?.Number);
    }

    [Fact]
    public void Any_damage_of_a_stored_state_is_found_or_harmless() =>
        Gen.Select(FoldHistories.Entries, Gen.Int[0, 100_000], Gen.Byte, Gen.Int[0, 3]).Sample(
            (entries, at, value, kind) =>
            {
                byte[] stored = FoldCodec.Write(FoldHistories.Fold(entries));
                at %= stored.Length;
                byte[] damaged = kind switch
                {
                    0 => stored[..at],
                    1 => [.. stored[..at], .. stored[(at + 1)..]],
                    2 => [.. stored[..at], value, .. stored[at..]],
                    _ => [.. stored[..at], value, .. stored[(at + 1)..]],
                };
                SessionState? state = FoldCodec.TryRead(SessionFold.FoldVersion, damaged);
                return state is null || SessionView.Of(Key.SessionId, state, Folded.Rules) is not null;
            },
            iter: Laws.Cases);

    private static SessionMachine Load(StoredSession stored) => SessionMachine.Load(Key, stored, Folded.Rules, Today);

    private static StoredRow Row(int number) => new(number, "phone", Happened.Noon, Happened.At(9), null, "ann", "phone");
}
