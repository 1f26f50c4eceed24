using Sessions.Domain.Events;

namespace Sessions.Domain.Channels;

/// <summary>
/// The values of a session's start page that decide its channel, as they were sent. An empty string and <c>"null"</c>
/// count as missing, everywhere.
/// </summary>
public sealed record ChannelInput
{
    private static readonly int GclidAt = PlaceOf("gclid");
    private static readonly int FbclidAt = PlaceOf("fbclid");
    private static readonly int GadSourceAt = PlaceOf("gad_source");

    public string? UtmSource { get; init; }

    public string? UtmMedium { get; init; }

    public string? UtmCampaign { get; init; }

    /// <summary>
    /// The referrer's host; <c>$direct</c> when the page had no referrer; null when that is not known.
    /// </summary>
    public string? ReferringDomain { get; init; }

    public string? Gclid { get; init; }

    public string? Fbclid { get; init; }

    public string? GadSource { get; init; }

    /// <summary>The start page's URL. Only custom rules use it and its parts below.</summary>
    public string? Url { get; init; }

    public string? Pathname { get; init; }

    public string? Hostname { get; init; }

    /// <summary>The input of a start page.</summary>
    /// <param name="page">The facts of its event.</param>
    /// <param name="shown">The page as sessions show it.</param>
    public static ChannelInput Of(EventFacts page, ShownPage shown) => new()
    {
        UtmSource = page.UtmSource,
        UtmMedium = page.UtmMedium,
        UtmCampaign = page.UtmCampaign,
        ReferringDomain = page.ReferringDomain,
        Gclid = page.AdIdValues?[GclidAt],
        Fbclid = page.AdIdValues?[FbclidAt],
        GadSource = page.AdIdValues?[GadSourceAt],
        Url = shown.Url,
        Pathname = shown.Pathname,
        Hostname = shown.Hostname,
    };

    /// <summary>Converts values that count as missing to null: an empty string and the word <c>null</c>.</summary>
    internal static string? Present(string? value) => value is null or "" or "null" ? null : value;

    private static int PlaceOf(string adId) =>
        AdIds.Names.Index().Single(entry => entry.Item == adId).Index;
}
