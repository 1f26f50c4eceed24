namespace Sessions.Domain.Channels;

/// <summary>What the lower-case name of a campaign tells about the visit.</summary>
internal static class Campaign
{
    private const string Shop = "shop";

    /// <summary>
    /// Whether the name contains "shopping", or "shop" that is not preceded by a letter other than "e": shop, e-shop
    /// and eshop match, workshop does not.
    /// </summary>
    public static bool IsShopping(string? campaign)
    {
        if (campaign is null)
        {
            return false;
        }

        for (int at = campaign.IndexOf(Shop, StringComparison.Ordinal); at >= 0;)
        {
            if (at == 0 || campaign[at - 1] is not (>= 'a' and <= 'z') or 'e'
                || campaign.AsSpan(at + Shop.Length).StartsWith("ping"))
            {
                return true;
            }

            at = campaign.IndexOf(Shop, at + Shop.Length, StringComparison.Ordinal);
        }

        return false;
    }

    public static bool IsVideo(string? campaign) => campaign?.Contains("video", StringComparison.Ordinal) == true;
}
