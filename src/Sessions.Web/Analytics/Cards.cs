using Sessions.Web.Api;
using Sessions.Web.Layout;

namespace Sessions.Web.Analytics;

/// <summary>A tab of a card of the overview.</summary>
/// <param name="Id">Its id in the page's address.</param>
/// <param name="Title">Its title.</param>
/// <param name="Property">The session property whose values are its rows; null for the paths of all views, and for events.</param>
public sealed record CardTab(string Id, string Title, string? Property)
{
    /// <summary>Whether its rows are names of events.</summary>
    public bool IsOfEvents { get; init; }

    /// <summary>Whether its rows are paths, to which a project's path rules apply.</summary>
    public bool HasPaths => !IsOfEvents && Property is null or "$entry_pathname" or "$exit_pathname";

    /// <summary>The names of its numbers.</summary>
    public IReadOnlyList<string> Counts =>
        IsOfEvents ? ["Events", "Sessions", "Visitors"] : [Property is null ? "Views" : "Sessions", "Visitors", "Bounce"];
}

/// <summary>A card of the overview: tables of which one is shown.</summary>
/// <param name="Id">The name of the field in the page's address that chooses the tab.</param>
/// <param name="Tabs">The tabs. The first one is shown until another is chosen.</param>
public sealed record Card(string Id, IReadOnlyList<CardTab> Tabs)
{
    /// <summary>All cards in their order.</summary>
    public static IReadOnlyList<Card> All { get; } =
    [
        // The last two read events: they take longer than all that read sessions.
        new(
            "pages",
            [
                new("entry", "Entry pages", "$entry_pathname"),
                new("exit", "Exit pages", "$exit_pathname"),
                new("all", "All pages", null),
                new("events", "Events", null) { IsOfEvents = true },
            ]),
        new(
            "sources",
            [
                new("channel", "Channels", "$channel_type"),
                new("referrer", "Referrers", "$entry_referring_domain"),
                new("campaign", "Campaigns", "$entry_utm_campaign"),
                new("source", "UTM source", "$entry_utm_source"),
                new("medium", "Medium", "$entry_utm_medium"),
                new("content", "Content", "$entry_utm_content"),
                new("term", "Term", "$entry_utm_term"),
            ]),
        new("places", [new("country", "Countries", "$country"), new("language", "Languages", "$browser_language"), new("zone", "Time zones", "$timezone")]),
        new(
            "technology",
            [
                new("browser", "Browsers", "$browser"),
                new("os", "Systems", "$os"),
                new("device", "Devices", "$device_type"),
            ]),
    ];

    /// <summary>The tab that an address chooses.</summary>
    public CardTab Chosen(PageQuery query) => Tabs.FirstOrDefault(tab => tab.Id == query[Id]) ?? Tabs[0];
}

/// <summary>A number of a row, now and in the period before.</summary>
public readonly record struct CardNumber(Unit Unit, double? Now, double? Before);

/// <summary>A row of a card.</summary>
/// <param name="Value">The value; null for none, <see cref="CardTable.Others"/> for all values without a row.</param>
/// <param name="Numbers">Its numbers: sessions or views, visitors, bounce rate; of an event: occurrences, sessions, visitors.</param>
/// <param name="Filter">The filter that shows the row's sessions alone; null when there is none.</param>
public sealed record CardRow(string? Value, IReadOnlyList<CardNumber> Numbers, FilterRow? Filter);

/// <summary>The shown table of a card.</summary>
/// <param name="Card">The card.</param>
/// <param name="Tab">The tab.</param>
/// <param name="Answer">The rows.</param>
public sealed record CardTable(Card Card, CardTab Tab, Outcome<IReadOnlyList<CardRow>> Answer)
{
    /// <summary>The value of the row for all values without a row of their own.</summary>
    public const string Others = "$other";

    /// <summary>The property that has a map.</summary>
    public const string Country = "$country";

    /// <summary>The sessions of each country, also of those without a row; empty for other tabs.</summary>
    public IReadOnlyList<(string Country, double Sessions)> Map { get; init; } = [];

    /// <summary>A value as people read it.</summary>
    public static string NameOf(string? value) => value is null ? "none" : DirectReferrer.Show(value);
}
