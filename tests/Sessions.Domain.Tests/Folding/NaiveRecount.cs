using System.Text.Json;

namespace Sessions.Domain.Tests.Folding;

/// <summary>A session's properties counted anew from all its events, sorted by time, the sender's order and event id: one query for each.</summary>
internal static class NaiveRecount
{
    public static string Of(IEnumerable<Happened> events)
    {
        Row[] rows = [.. events
            .Select(happened => new Row(happened, JsonSerializer.Deserialize<Dictionary<string, JsonElement>>(happened.Properties)!))
            .OrderBy(row => row.Event.Time)
            .ThenBy(row => row.Event.SenderOrder)
            .ThenBy(row => row.Event.Id)];
        Row[] pages = [.. rows.Where(row => row.Event.Name is "$pageview" or "$screen")];
        Row entry = pages.Concat(rows).First();
        Row exit = rows.Concat(pages).Last();
        double seconds = (rows[^1].Event.Time - rows[0].Event.Time).TotalSeconds;
        int clicks = rows.Count(row => row.Event.Name == "$autocapture");
        return Join(
            rows[0].Event.Time,
            rows[^1].Event.Time,
            (rows.LastOrDefault(row => row.Event.DistinctId is not ("null" or "undefined")) ?? rows[^1]).Event.DistinctId,
            rows.Select(row => row.Event.DeviceId).FirstOrDefault(id => id is not null),
            entry.Text("$current_url"),
            exit.Text("$current_url"),
            entry.Screen,
            exit.Screen,
            entry.Pathname,
            exit.Pathname,
            entry.Text("utm_source"),
            entry.Text("utm_medium"),
            entry.Text("utm_campaign"),
            entry.Text("gclid"),
            entry.Text("msclkid"),
            entry.Text("$referring_domain"),
            string.Join(',', StartPageTexts.Names.Select(name => entry.Text("$" + name))),
            rows.Count(row => row.Event.Name == "$pageview"),
            rows.Count(row => row.Event.Name == "$screen"),
            clicks,
            rows.Count(row => row.Event.Name == "$rageclick"),
            rows.Count(row => row.Event.Name == "$dead_click"),
            rows.Length,
            string.Join(',', rows.Select(row => row.Event.Name).Distinct().Take(200)),
            pages.Select(row => row.Text("$current_url") ?? row.NameInsteadOfUrl).OfType<string>().Distinct().Count(),
            pages.Length == 0 ? null : !(pages.Length > 1 || clicks > 0 || seconds >= 10),
            rows.Select(row => row.Text("$external_click_url")).LastOrDefault(url => url is not null),
            rows.Select(row => row.Text("$device_type")).FirstOrDefault(type => type is not null),
            rows.Select(row => row.Text("$browser")).FirstOrDefault(browser => browser is not null),
            rows.Select(row => row.Text("$os")).FirstOrDefault(os => os is not null));
    }

    /// <summary>The same properties as the product shows them.</summary>
    public static string Of(Session session) => Join(
        session.StartTimestamp,
        session.EndTimestamp,
        session.DistinctId,
        session.DeviceId,
        session.EntryCurrentUrl,
        session.ExitCurrentUrl,
        session.EntryScreenName,
        session.ExitScreenName,
        session.EntryPathname,
        session.ExitPathname,
        session.EntryUtmSource,
        session.EntryUtmMedium,
        session.EntryUtmCampaign,
        session.EntryAdIds.GetValueOrDefault("gclid"),
        session.EntryAdIds.GetValueOrDefault("msclkid"),
        session.EntryReferringDomain,
        string.Join(',', StartPageTexts.Names.Select(name => session.StartPageTexts?.GetValueOrDefault(name))),
        session.PageviewCount,
        session.ScreenCount,
        session.AutocaptureCount,
        session.RageClickCount,
        session.DeadClickCount,
        session.EventCount,
        string.Join(',', session.EventNames ?? []),
        session.UniqueUrlCount,
        session.IsBounce,
        session.LastExternalClickUrl,
        session.DeviceType,
        session.Browser,
        session.Os);

    private static string Join(params object?[] values) =>
        string.Join('|', values.Select(value => value is DateTimeOffset time ? time.ToString("O") : value ?? "-"));

    private sealed record Row(Happened Event, Dictionary<string, JsonElement> Properties)
    {
        public string? Screen => Event.Name == "$pageview" ? null : Text("$screen_name");

        public string? NameInsteadOfUrl => Event.Name == "$screen" && Text("$current_url") is null ? Text("$screen_name") : null;

        public string? Pathname =>
            Uri.TryCreate(Text("$current_url"), UriKind.Absolute, out Uri? url) ? url.AbsolutePath : NameInsteadOfUrl;

        public string? Text(string name) =>
            Properties.TryGetValue(name, out JsonElement value)
            && value.ValueKind == JsonValueKind.String
            && value.GetString() is { Length: > 0 } text
            && text != "null"
                ? text
                : null;
    }
}
