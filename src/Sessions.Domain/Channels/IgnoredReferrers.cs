namespace Sessions.Domain.Channels;

/// <summary>
/// Hosts that are never where a visit came from: sign-in and payment pages that send people back. Such a referrer
/// counts as absent, not as <c>$direct</c>: that nobody knows where the visit came from is not that it came from
/// nowhere. So its session is Unknown unless tags say more.
/// </summary>
/// <remarks>
/// Whoever reads the referrer of an event applies <see cref="Strip"/>, so that <c>$entry_referring_domain</c> shows
/// what the channel was decided from.
/// </remarks>
public sealed class IgnoredReferrers
{
    public static readonly IgnoredReferrers None = new([]);

    private readonly HostList hosts;

    /// <summary>Takes what <see cref="Problems"/> has nothing against, in any case, with or without <c>*.</c> before it.</summary>
    public IgnoredReferrers(IEnumerable<string> hosts) => this.hosts = new HostList(hosts);

    /// <summary>The referring domain, or null when it is to be ignored. A port doesn't matter.</summary>
    public string? Strip(string? referringDomain) => hosts.Contains(referringDomain) ? null : referringDomain;

    /// <summary>What is wrong with a list that somebody wants to set; empty when nothing is.</summary>
    public static IEnumerable<SettingProblem> Problems(IReadOnlyList<string?> hosts) =>
        HostList.Problems("ignored_referrers", hosts);
}
