namespace Sessions.Domain.Channels;

/// <summary>The built-in channels' names: PostHog's words, and <see cref="Ai"/>.</summary>
public static class ChannelName
{
    public const string CrossNetwork = "Cross Network";
    public const string PaidSearch = "Paid Search";
    public const string PaidSocial = "Paid Social";
    public const string PaidVideo = "Paid Video";
    public const string PaidShopping = "Paid Shopping";
    public const string PaidUnknown = "Paid Unknown";
    public const string Direct = "Direct";
    public const string OrganicSearch = "Organic Search";
    public const string OrganicSocial = "Organic Social";
    public const string OrganicVideo = "Organic Video";
    public const string OrganicShopping = "Organic Shopping";
    public const string Push = "Push";
    public const string Sms = "SMS";
    public const string Audio = "Audio";
    public const string Email = "Email";
    public const string Referral = "Referral";
    public const string Affiliate = "Affiliate";
    public const string Display = "Display";
    public const string Unknown = "Unknown";

    /// <summary>The channel of AI assistants, only for projects that switched it on.</summary>
    public const string Ai = "AI";

    /// <summary>All built-in names, in the order in which pages show them.</summary>
    public static readonly IReadOnlyList<string> All =
    [
        CrossNetwork, PaidSearch, PaidSocial, PaidVideo, PaidShopping, PaidUnknown, Direct,
        OrganicSearch, OrganicSocial, OrganicVideo, OrganicShopping,
        Push, Sms, Audio, Email, Referral, Affiliate, Display, Ai, Unknown,
    ];
}
