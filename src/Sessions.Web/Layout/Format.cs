using System.Globalization;
using Sessions.Web.Api;

namespace Sessions.Web.Layout;

/// <summary>Writes values as text for people.</summary>
public static class Format
{
    private const int MostWhole = 500;

    /// <summary>The text for a missing value.</summary>
    public const string Nothing = "–";

    /// <summary>An id as a visible text, for links. Older versions stored blank ids.</summary>
    public static string Id(string id) => IdText.Trim(id) is null ? "(blank)" : id;

    /// <summary>A duration as 0:05, 12:34 or 1:02:03.</summary>
    public static string Clock(TimeSpan duration) =>
        duration.TotalHours >= 1
            ? string.Create(CultureInfo.InvariantCulture, $"{(long)duration.TotalHours}:{duration:mm\\:ss}")
            : duration.ToString(@"m\:ss", CultureInfo.InvariantCulture);

    /// <summary>A duration in seconds, in the same form.</summary>
    public static string Clock(decimal seconds) => Clock(TimeSpan.FromSeconds((double)seconds));

    /// <summary>The whole text of a cell that may be cut, as its title; null for numbers, which are never cut.</summary>
    public static string? Whole(object? value) => value switch
    {
        IReadOnlyList<string> { Count: > 0 } texts => Whole(string.Join(", ", texts)),
        string { Length: > 0 } text => DirectReferrer.Show(text.Length > MostWhole ? $"{text.AsSpan(0, MostWhole)} …" : text),
        _ => null,
    };

    /// <summary>A whole number with separators between the thousands.</summary>
    public static string Count(long count) => count.ToString("N0", CultureInfo.InvariantCulture);

    /// <summary>A number with its noun: 1 session, 1,000 sessions.</summary>
    public static string Count(long count, string one, string many) => $"{Count(count)} {(count == 1 ? one : many)}";

    /// <summary>A time in a zone: the day unless it is today, and the time to the second.</summary>
    public static string Time(DateTimeOffset time, PageContext pageContext)
    {
        DateTimeOffset there = TimeZoneInfo.ConvertTime(time, pageContext.Zone);
        DateTimeOffset now = TimeZoneInfo.ConvertTime(pageContext.Now, pageContext.Zone);
        string form = there.Date == now.Date ? "HH:mm:ss" : there.Year == now.Year ? "d MMM HH:mm:ss" : "d MMM yyyy HH:mm:ss";
        return there.ToString(form, CultureInfo.InvariantCulture);
    }

    /// <summary>The time of day in a zone, to the second.</summary>
    public static string TimeOfDay(DateTimeOffset time, PageContext pageContext) =>
        TimeZoneInfo.ConvertTime(time, pageContext.Zone).ToString("HH:mm:ss", CultureInfo.InvariantCulture);

    /// <summary>A day as 3 Mar 2026. A text that is no day stays as it is.</summary>
    public static string Day(string text) => AsDay(text)?.ToString("d MMM yyyy", CultureInfo.InvariantCulture) ?? text;

    /// <summary>The day in a text; null when it is not a day.</summary>
    public static DateOnly? AsDay(string? text) =>
        DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out DateOnly day) ? day : null;

    /// <summary>A time as programs write it.</summary>
    public static string Exact(DateTimeOffset time) => PropertyText.Time(time);

    /// <summary>A property's name for the head of a column: like <see cref="Label"/>, or shorter.</summary>
    public static string Heading(string property) => property switch
    {
        "distinct_id" => "Visitor",
        "$start_timestamp" => "Start",
        "$end_timestamp" => "End",
        "$session_duration" => "Duration",
        "$entry_pathname" => "Entry page",
        "$exit_pathname" => "Exit page",
        "$channel_type" => "Channel",
        "$pageview_count" => "Views",
        "$event_count" => "Events",
        "$device_type" => "Device",
        "$country" => "Country",
        _ => Label(property),
    };

    /// <summary>A property's name for people: <c>$entry_pathname</c> is Entry pathname.</summary>
    public static string Label(string property)
    {
        string name = string.Join(' ', property.TrimStart('$').Split('_', StringSplitOptions.RemoveEmptyEntries).Select(Word));
        return name.Length == 0 ? property : char.ToUpperInvariant(name[0]) + name[1..];
    }

    private static string Word(string word) => word is "id" or "os" or "url" or "utm" ? word.ToUpperInvariant() : word;
}
