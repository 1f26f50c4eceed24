using static Sessions.Domain.Channels.ChannelName;

namespace Sessions.Domain.Channels;

/// <summary>
/// A session's channel: PostHog's decision procedure, step by step in its order; the first step that has an answer
/// wins. The kinds of sites are data, in <c>channels.tsv</c>.
/// </summary>
public static class ChannelType
{
    private const string DirectDomain = "$direct";

    /// <summary>
    /// Decides the channel. Deterministic, and every input has a result, at least <see cref="Unknown"/>. A referrer
    /// that the settings ignore counts as missing.
    /// </summary>
    public static string Decide(ChannelInput input, ChannelSettings settings)
    {
        string? referrer = settings.IgnoredReferrers.Strip(input.ReferringDomain);
        if (settings.Rules.Match(input, referrer) is { } custom)
        {
            return custom;
        }

        var visit = new Visit(
            Lower(input.UtmSource),
            Lower(input.UtmMedium),
            Lower(input.UtmCampaign),
            ChannelInput.Present(referrer),
            ChannelInput.Present(input.GadSource),
            HasGclid: ChannelInput.Present(input.Gclid) is not null,
            HasFbclid: ChannelInput.Present(input.Fbclid) is not null);

        return CrossNetworkCampaign(visit)
            ?? (IsPaid(visit) ? Paid(visit) : null)
            ?? (settings.AiChannel ? Assistant(visit) : null)
            ?? DirectVisit(visit)
            ?? Organic(visit);
    }

    private static string? CrossNetworkCampaign(in Visit visit) =>
        visit.Campaign?.Contains("cross-network", StringComparison.Ordinal) == true ? CrossNetwork : null;

    private static bool IsPaid(in Visit visit) =>
        visit.Medium is "cpc" or "cpm" or "cpv" or "cpa" or "ppc" or "retargeting"
        || visit.Medium?.StartsWith("paid", StringComparison.Ordinal) == true
        || visit.HasGclid
        || visit.GadSource is not null;

    private static string Paid(in Visit visit) =>
        ChannelTable.Source(visit.Source)?.IfPaid
        ?? (Campaign.IsShopping(visit.Campaign) ? PaidShopping : null)
        ?? ChannelTable.Medium(visit.Medium)?.IfPaid
        ?? ChannelTable.Source(visit.Referrer)?.IfPaid
        ?? (visit.GadSource == "1" ? PaidSearch : null)
        ?? (Campaign.IsVideo(visit.Campaign) ? PaidVideo : null)
        // A gclid alone says that the click was paid, but not on which kind of site.
        ?? (visit.HasFbclid ? PaidSocial : PaidUnknown);

    /// <summary>
    /// A step of our own, which PostHog doesn't have. A paid click stays paid. Otherwise a visit from an assistant
    /// counts as such whatever its tags say: a link that an assistant cites may carry the tags of the newsletter in
    /// which it was found, and <c>utm_medium=referral</c> would hide the assistant.
    /// </summary>
    private static string? Assistant(in Visit visit) =>
        ChannelTable.IsAssistant(visit.Source) || ChannelTable.IsAssistant(visit.Referrer) ? Ai : null;

    private static string? DirectVisit(in Visit visit) =>
        visit.Referrer == DirectDomain
        && visit.Medium is null
        && visit.Source is null or "(direct)" or "direct" or DirectDomain
        && !visit.HasFbclid
            ? Direct
            : null;

    private static string Organic(in Visit visit) =>
        ChannelTable.Source(visit.Source)?.IfOrganic
        ?? (Campaign.IsShopping(visit.Campaign) ? OrganicShopping : null)
        ?? ChannelTable.Medium(visit.Medium)?.IfOrganic
        ?? ChannelTable.Source(visit.Referrer)?.IfOrganic
        ?? (Campaign.IsVideo(visit.Campaign) ? OrganicVideo : null)
        ?? (visit.Medium?.EndsWith("push", StringComparison.Ordinal) == true ? Push : null)
        ?? (visit.HasFbclid ? OrganicSocial : null)
        ?? visit.Referrer switch
        {
            // A direct visit with unknown tags is still direct.
            DirectDomain => Direct,
            not null => Referral,
            null => Unknown,
        };

    private static string? Lower(string? value) => ChannelInput.Present(value)?.ToLowerInvariant();

    private readonly record struct Visit(
        string? Source,
        string? Medium,
        string? Campaign,
        string? Referrer,
        string? GadSource,
        bool HasGclid,
        bool HasFbclid);
}
