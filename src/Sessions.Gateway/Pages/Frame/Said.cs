using System.Globalization;
using Sessions.Gateway.Api;

namespace Sessions.Gateway.Pages.Frame;

/// <summary>How pages say values.</summary>
public static class Said
{
    /// <summary>What stands where there is nothing.</summary>
    public const string Nothing = "–";

    /// <summary>A duration as 0:05, 12:34 or 1:02:03.</summary>
    public static string Clock(TimeSpan duration) =>
        duration.TotalHours >= 1
            ? string.Create(CultureInfo.InvariantCulture, $"{(long)duration.TotalHours}:{duration:mm\\:ss}")
            : duration.ToString(@"m\:ss", CultureInfo.InvariantCulture);

    /// <summary>A duration in seconds as a clock shows it.</summary>
    public static string Clock(decimal seconds) => Clock(TimeSpan.FromSeconds((double)seconds));

    /// <summary>A whole number with marks between the thousands.</summary>
    public static string Count(long count) => count.ToString("N0", CultureInfo.InvariantCulture);

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

    /// <summary>A time as programs write it.</summary>
    public static string Exact(DateTimeOffset time) => PropertyText.Time(time);

    /// <summary>A property's name as a person says it: <c>$entry_pathname</c> is Entry pathname.</summary>
    public static string Label(string property)
    {
        string name = property.TrimStart('$').Replace("__", "_", StringComparison.Ordinal).Replace('_', ' ');
        return name.Length == 0 ? property : char.ToUpperInvariant(name[0]) + name[1..];
    }
}
