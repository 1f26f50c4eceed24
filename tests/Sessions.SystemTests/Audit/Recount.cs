namespace Sessions.SystemTests.Audit;

/// <summary>
/// A session's columns counted again from its events, straight from the definitions and with nothing of the product's
/// code.
/// </summary>
public static class Recount
{
    private static readonly string[] EntryProperties =
        ["utm_source", "utm_campaign", "utm_medium", "utm_term", "utm_content", "gclid", "gad_source", "fbclid", "msclkid"];

    /// <summary>What each column of the view <c>sessions</c> should hold.</summary>
    public static IReadOnlyDictionary<string, object?> Of(IEnumerable<StoredEvent> events)
    {
        StoredEvent[] all = StoredEvent.InOrder(events);
        StoredEvent[] pages = [.. all.Where(e => e.IsPage)];
        StoredEvent entry = pages.FirstOrDefault(all[0]);
        StoredEvent exit = pages.LastOrDefault(all[^1]);
        TimeSpan duration = all[^1].Timestamp - all[0].Timestamp;
        int autocaptures = all.Count(e => e.Name == "$autocapture");

        Dictionary<string, object?> columns = new()
        {
            ["start_timestamp"] = all[0].Timestamp,
            ["end_timestamp"] = all[^1].Timestamp,
            ["session_duration"] = Math.Round((decimal)duration.TotalMilliseconds / 1000, 3),
            ["event_count"] = all.Length,
            ["pageview_count"] = all.Count(e => e.Name == "$pageview"),
            ["screen_count"] = all.Count(e => e.Name == "$screen"),
            ["autocapture_count"] = autocaptures,
            ["rage_click_count"] = all.Count(e => e.Name == "$rageclick"),
            ["dead_click_count"] = all.Count(e => e.Name == "$dead_click"),
            ["event_names"] = all.Select(e => e.Name).Distinct().Take(200).ToArray(),
            ["unique_url_count"] = pages.Select(e => e.Text("$current_url") ?? e.NameOfScreen).Where(page => page is not null).Distinct().Count(),
            ["entry_referring_domain"] = entry.Text("$referring_domain"),
            ["is_bounce"] = pages.Length == 0 ? null : pages.Length < 2 && autocaptures == 0 && duration < TimeSpan.FromSeconds(10),
            ["distinct_id"] = all[^1].DistinctId,
        };
        foreach (string name in EntryProperties)
        {
            columns[$"entry_{name}"] = entry.Text(name);
        }

        AddPage("entry", entry);
        AddPage("exit", exit);
        return columns;

        void AddPage(string side, StoredEvent page)
        {
            string? url = page.Text("$current_url");
            Uri? address = url is null ? null : new Uri(url);
            columns[$"{side}_current_url"] = url;
            columns[$"{side}_pathname"] = address?.AbsolutePath ?? page.NameOfScreen;
            columns[$"{side}_hostname"] = address?.Host;
            columns[$"{side}_screen_name"] = page.Name == "$pageview" ? null : page.Text("$screen_name");
        }
    }
}
