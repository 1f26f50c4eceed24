namespace Sessions.Domain.Querying.Hours;

/// <summary>
/// What is kept of each session that began in an hour, so that questions over many sessions need not read their rows:
/// its start, who had it, and these properties.
/// </summary>
public static class HourColumns
{
    /// <summary>The form of the bytes. A change of form, of the columns or of their order takes a new number.</summary>
    public const short Format = 1;

    /// <summary>The duration; kept in whole milliseconds.</summary>
    public const string Duration = "$session_duration";

    /// <summary>The properties that are numbers: counts, the duration, and whether it is a bounce (1 or 0).</summary>
    public static IReadOnlyList<string> Numbers { get; } =
    [
        Duration, "$pageview_count", "$screen_count", "$autocapture_count", "$event_count", "$unique_url_count", "$is_bounce",
    ];

    /// <summary>The properties that are texts.</summary>
    public static IReadOnlyList<string> Texts { get; } =
    [
        "$entry_pathname", "$entry_hostname", "$exit_pathname", "$channel_type", "$entry_referring_domain", "$entry_utm_source",
        "$entry_utm_medium", "$entry_utm_campaign", "$device_type", "$browser", "$os", "$country",
    ];

    /// <summary>The place of a number; -1 when it is not kept.</summary>
    public static int NumberAt(string property) => IndexOf(Numbers, property);

    /// <summary>The place of a text; -1 when it is not kept.</summary>
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

/// <summary>What is kept of one session.</summary>
/// <param name="Start">When it began, in microseconds since 1970.</param>
/// <param name="DistinctId">Who had it.</param>
/// <param name="Numbers">One for each of <see cref="HourColumns.Numbers"/>; absent ones null.</param>
/// <param name="Texts">One for each of <see cref="HourColumns.Texts"/>; absent ones null.</param>
public sealed record HourRow(long Start, string DistinctId, IReadOnlyList<long?> Numbers, IReadOnlyList<string?> Texts);
