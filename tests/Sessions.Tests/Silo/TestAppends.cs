using System.Text;
using Sessions.Domain;
using Sessions.Domain.Events;
using Sessions.Domain.Folding;

namespace Sessions.Tests.Silo;

/// <summary>What tests have the journal write: events of one person at one time.</summary>
internal static class TestAppends
{
    public static readonly DateTimeOffset Time = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    public static readonly DateOnly Today = DateOnly.FromDateTime(TimeProvider.System.GetUtcNow().UtcDateTime);
    private static readonly SessionRules Rules = new();

    public static JournalAppend Opening(SessionKey session, params string[] properties)
    {
        properties = properties.Length == 0 ? ["{}", "{}"] : properties;
        return Make(session, new AppendChain(), null, properties) with { Row = RowChange.Insert };
    }

    public static JournalAppend Following(JournalAppend append, AppendChain chain) => Make(append.Session, chain, append.After, ["{}"]);

    public static JournalAppend Make(SessionKey session, AppendChain chain, SessionState? state, string[] properties)
    {
        var entries = new List<JournalEntry>();
        foreach (string json in properties)
        {
            var entry = new JournalEntry(
                (state?.Number ?? 0) + 1, EntryKind.NamedEvent, Guid.CreateVersion7(), Time, Time, "e", "d", "d", null, null,
                Encoding.UTF8.GetBytes(json));
            state = SessionFold.Apply(state, entry, EventFacts.None, Rules);
            entries.Add(entry);
        }

        return new JournalAppend { Chain = chain, Session = session, Born = Today, Entries = entries, After = state!, Rules = Rules };
    }
}
