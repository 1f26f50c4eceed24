using System.Globalization;
using Sessions.Gateway.Api;

namespace Sessions.Gateway.Pages.Frame;

/// <summary>How pages say values.</summary>
public static class Said
{
    /// <summary>What stands where there is nothing.</summary>
    public const string Nothing = "–";

    /// <summary>An id, such that a link with it can be seen: older versions stored blank ones.</summary>
    public static string Id(string id) => IdText.Trim(id) is null ? "(blank)" : id;

    /// <summary>A duration as 0:05, 12:34 or 1:02:03.</summary>
    public static string Clock(TimeSpan duration) =>
        duration.TotalHours >= 1
            ? string.Create(CultureInfo.InvariantCulture, $"{(long)duration.TotalHours}:{duration:mm\\:ss}")
            : duration.ToString(@"m\:ss", CultureInfo.InvariantCulture);

    /// <summary>A duration in seconds as a clock shows it.</summary>
    public static string Clock(decimal seconds) => Clock(TimeSpan.FromSeconds((double)seconds));

    /// <summary>A whole number with marks between the thousands.</summary>
    public static string Count(long count) => count.ToString("N0", CultureInfo.InvariantCulture);

    /// <summary>How many there are of something: 1 session, 1,000 sessions.</summary>
    public static string Count(long count, string one, string many) => $"{Count(count)} {(count == 1 ? one : many)}";

    /// <summary>A time in a zone: the day when it is not today, and the time to the second.</summary>
    public static string Time(DateTimeOffset time, Looker looker)
    {
        DateTimeOffset there = TimeZoneInfo.ConvertTime(time, looker.Zone);
        DateTimeOffset now = TimeZoneInfo.ConvertTime(looker.Now, looker.Zone);
        string form = there.Date == now.Date ? "HH:mm:ss" : there.Year == now.Year ? "d MMM HH:mm:ss" : "d MMM yyyy HH:mm:ss";
        return there.ToString(form, CultureInfo.InvariantCulture);
    }

    /// <summary>The time of day in a zone, to the second.</summary>
    public static string TimeOfDay(DateTimeOffset time, Looker looker) =>
        TimeZoneInfo.ConvertTime(time, looker.Zone).ToString("HH:mm:ss", CultureInfo.InvariantCulture);

    /// <summary>A day as 3 Mar 2026; anything else that stands for a time as it is.</summary>
    public static string Day(string text) => AsDay(text)?.ToString("d MMM yyyy", CultureInfo.InvariantCulture) ?? text;

    /// <summary>The day that a text names; null when it names none.</summary>
    public static DateOnly? AsDay(string? text) =>
        DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out DateOnly day) ? day : null;

    /// <summary>A time as programs write it.</summary>
    public static string Exact(DateTimeOffset time) => PropertyText.Time(time);

    /// <summary>A property's name at the head of a column, where there is little room: as <see cref="Label"/>, or shorter.</summary>
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
        _ => Label(property),
    };

    /// <summary>A property's name as a person says it: <c>$entry_pathname</c> is Entry pathname.</summary>
    public static string Label(string property)
    {
        string name = string.Join(' ', property.TrimStart('$').Split('_', StringSplitOptions.RemoveEmptyEntries).Select(Word));
        return name.Length == 0 ? property : char.ToUpperInvariant(name[0]) + name[1..];
    }

    private static string Word(string word) => word is "id" or "os" or "url" or "utm" ? word.ToUpperInvariant() : word;
}
