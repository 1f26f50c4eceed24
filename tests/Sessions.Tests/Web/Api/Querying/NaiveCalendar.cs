
namespace Sessions.Tests.Web.Api.Querying;

/// <summary>
/// Buckets found by looking at the clocks every quarter of an hour, or every minute: slow, and made of nothing but what the clocks show.
/// </summary>
internal static class NaiveCalendar
{
    private static readonly DateTimeOffset First = new(2025, 12, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset Last = new(2026, 6, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly Dictionary<(string, string), Dictionary<string, DateTimeOffset>> Known = [];

    /// <summary>Names the bucket of a time.</summary>
    public static string Key(DateTimeOffset time, string interval, TimeZoneInfo zone)
    {
        DateTimeOffset local = TimeZoneInfo.ConvertTime(time, zone);
        return interval switch
        {
            "minute" => $"{local:yyyy-MM-dd HH:mm zzz}",
            "hour" => $"{local:yyyy-MM-dd HH zzz}",
            "day" => $"{local:yyyy-MM-dd}",
            "week" => $"{local.AddDays(-(((int)local.DayOfWeek + 6) % 7)):yyyy-MM-dd}",
            "month" => $"{local:yyyy-MM}",
            _ => throw new ArgumentOutOfRangeException(nameof(interval), interval, null),
        };
    }

    /// <summary>When each bucket of a range begins, by its name.</summary>
    public static IReadOnlyList<(string Key, DateTimeOffset Start)> Buckets(
        DateTimeOffset from, DateTimeOffset to, string interval, TimeZoneInfo zone)
    {
        if (from >= to)
        {
            return [];
        }

        Dictionary<string, DateTimeOffset> starts = Starts(interval, zone);
        string first = Key(from, interval, zone);
        return [.. starts.Where(one => one.Key == first || (one.Value >= from && one.Value < to))
            .Select(one => (one.Key, one.Value)).OrderBy(one => one.Value)];
    }

    private static Dictionary<string, DateTimeOffset> Starts(string interval, TimeZoneInfo zone)
    {
        lock (Known)
        {
            if (!Known.TryGetValue((interval, zone.Id), out Dictionary<string, DateTimeOffset>? starts))
            {
                Known[(interval, zone.Id)] = starts = [];
                for (DateTimeOffset time = First; time < Last; time = time.AddMinutes(interval == "minute" ? 1 : 15))
                {
                    starts.TryAdd(Key(time, interval, zone), time);
                }
            }

            return starts;
        }
    }
}
