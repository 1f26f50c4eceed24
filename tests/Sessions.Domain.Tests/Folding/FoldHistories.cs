using System.Text;
using System.Text.Json;
using CsCheck;
using Sessions.Domain.Events;
using Sessions.Domain.Folding;

namespace Sessions.Domain.Tests.Folding;

/// <summary>
/// Entries that one session took, in which equal times, equal places among the sender's events, equal urls and absent
/// values are common.
/// </summary>
internal static class FoldHistories
{
    private static readonly Gen<string?> Text = Gen.OneOf<string?>(null, null, "", "null", "a", "b", "https://x.org/a?b", "https://y.org");

    private static readonly Gen<string> Properties = Gen.Select(
        Gen.OneOf<string>([
            "$current_url", "$screen_name", "utm_source", "utm_medium", "utm_campaign", "gclid", "msclkid", "$referring_domain", "$external_click_url",
            "$device_type", "$browser", "$os", "$is_identified", "$configured_session_timeout_ms", "other", .. StartPageTexts.Names.Select(name => "$" + name)]),
        Text)
        .List[0, 8]
        .Select(pairs => JsonSerializer.Serialize(pairs.DistinctBy(pair => pair.Item1).ToDictionary(pair => pair.Item1, pair => Value(pair.Item1, pair.Item2))));

    private static readonly Gen<Happened> Event =
        from name in Gen.OneOf("$pageview", "$screen", "$autocapture", "$identify", "custom", "$rageclick", "$dead_click")
        from second in Gen.Int[-3, 12]
        from properties in Properties
        from id in Gen.Int[1, 60]
        from order in Gen.Int[0, 3]
        from device in Gen.OneOf<string?>("phone", "phone", "tablet", null)
        from person in Gen.OneOf("ann", "ben", "null", "undefined")
        from named in Gen.Bool
        from lag in Gen.OneOf(0, 1, 1_800, 1_801, 100_000)
        select new Happened(name, second, properties)
        {
            Id = new Guid(id, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1),
            SenderOrder = order,
            DeviceId = device,
            DistinctId = person,
            Named = named,
            Lag = TimeSpan.FromSeconds(lag),
        };

    /// <summary>The events of a session, each once.</summary>
    public static readonly Gen<Happened[]> Events = Event.Array[1, 20].Select(Once);

    /// <summary>The entries of a session, its ends among them.</summary>
    public static readonly Gen<JournalEntry[]> Entries = Gen.Select(Events, Gen.Int[0, 30].Array[20]).Select((events, ends) =>
    {
        var entries = new List<JournalEntry>();
        foreach ((Happened happened, int end) in events.Zip(ends))
        {
            entries.Add(happened.ToEntry(entries.Count + 1));
            if (end < 5)
            {
                entries.Add(JournalEntry.OfEnd(entries.Count + 1, (EndReason)end, happened.Time, happened.Time));
            }
        }

        return entries.ToArray();
    });

    /// <summary>
    /// An event id counts once. (Two devices may send the same id into one session as two events; should they have
    /// happened in the same microsecond too, nothing puts them in order. Ids are unique enough for that.)
    /// </summary>
    public static Happened[] Once(IEnumerable<Happened> events) => [.. events.DistinctBy(happened => happened.Id)];

    public static SessionState Fold(IEnumerable<JournalEntry> entries) => entries.Aggregate((SessionState?)null, Apply)!;

    public static SessionState Apply(SessionState? state, JournalEntry entry)
    {
        Assert.True(EventFactsReader.TryRead(entry.Properties.Span, out EventFacts facts));
        return SessionFold.Apply(state, entry, facts, Folded.Rules);
    }

    public static string Stored(SessionState state) => Encoding.UTF8.GetString(FoldCodec.Write(state));

    private static object? Value(string name, string? text) => name switch
    {
        "$is_identified" => text == "a",
        "$configured_session_timeout_ms" => text?.Length * 100_000,
        _ => text,
    };
}
