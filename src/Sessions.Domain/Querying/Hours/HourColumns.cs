namespace Sessions.Domain.Querying.Hours;

/// <summary>
/// The columns of an hourly aggregate, so that queries over many sessions need not read their rows: each session's
/// start, its distinct id, and these properties.
/// </summary>
public static class HourColumns
{
    /// <summary>The version of the format. Change it when the format, the columns or their order change.</summary>
    public const short Format = 2;

    /// <summary>The duration, in whole milliseconds.</summary>
    public const string Duration = "$session_duration";

    /// <summary>The properties that are numbers: counts, the duration, and the bounce (1 or 0).</summary>
    public static IReadOnlyList<string> Numbers { get; } =
    [
        Duration, "$pageview_count", "$screen_count", "$autocapture_count", "$event_count", "$unique_url_count", "$is_bounce",
        "$rage_click_count", "$dead_click_count",
    ];

    /// <summary>The properties that are texts.</summary>
    public static IReadOnlyList<string> Texts { get; } =
    [
        "$entry_pathname", "$entry_hostname", "$exit_pathname", "$channel_type", "$entry_referring_domain", "$entry_utm_source",
        "$entry_utm_medium", "$entry_utm_campaign", "$device_type", "$browser", "$os", "$country",
    ];

    /// <summary>The index of a number; -1 when the hours don't contain it.</summary>
    public static int NumberAt(string property) => IndexOf(Numbers, property);

    /// <summary>The index of a text; -1 when the hours don't contain it.</summary>
    public static int TextAt(string property) => IndexOf(Texts, property);

    private static int IndexOf(IReadOnlyList<string> names, string name)
    {
        for (int place = 0; place < names.Count; place++)
        {
            if (names[place] == name)
            {
                return place;
            }
        }

        return -1;
    }
}

/// <summary>The values of one session.</summary>
/// <param name="Start">The session's start, in microseconds since 1970.</param>
/// <param name="DistinctId">The session's distinct id.</param>
/// <param name="Numbers">One value for each of <see cref="HourColumns.Numbers"/>; null for missing values.</param>
/// <param name="Texts">One value for each of <see cref="HourColumns.Texts"/>; null for missing values.</param>
public sealed record HourRow(long Start, string DistinctId, IReadOnlyList<long?> Numbers, IReadOnlyList<string?> Texts);
