using static Sessions.Domain.Channels.ChannelName;

namespace Sessions.Domain.Channels;

/// <summary>
/// A session's channel: PostHog's decision procedure, step by step in its order; the first step that has an answer
/// wins. What belongs to which kind of site is data: <c>channels.tsv</c>.
/// </summary>
public static class ChannelType
{
    private const string DirectDomain = "$direct";

    /// <summary>
    /// Total and deterministic: any input has an answer, at the least <see cref="Unknown"/>. An ignored referrer of
    /// the settings counts as absent.
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
        // A gclid alone says that somebody paid, not for what.
        ?? (visit.HasFbclid ? PaidSocial : PaidUnknown);

    /// <summary>
    /// Our own step, where PostHog has none. A click that was paid for stays paid; but whoever comes from an
    /// assistant does so whatever else the tags say: a link that an assistant cites can carry the tags of the
    /// newsletter it was found in, and <c>utm_medium=referral</c> would hide it.
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
            // Tags that say nothing to anybody do not make a direct visit less direct.
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
