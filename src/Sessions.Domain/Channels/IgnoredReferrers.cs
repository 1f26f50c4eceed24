namespace Sessions.Domain.Channels;

/// <summary>
/// Hosts that never count as a visit's origin, such as sign-in and payment pages that send visitors back. Such a
/// referrer counts as missing, not as <c>$direct</c>: an unknown origin is not the same as no origin. So the session's
/// channel is Unknown unless tags decide it.
/// </summary>
/// <remarks>
/// Code that reads an event's referrer must apply <see cref="Strip"/>, so that <c>$entry_referring_domain</c> shows the
/// value that decided the channel.
/// </remarks>
public sealed class IgnoredReferrers
{
    public static readonly IgnoredReferrers None = new([]);

    private readonly HostList hosts;

    /// <summary>
    /// Takes hosts in which <see cref="Problems"/> finds no problem, in any letter case, with or without a leading
    /// <c>*.</c>.
    /// </summary>
    public IgnoredReferrers(IEnumerable<string> hosts) => this.hosts = new HostList(hosts);

    /// <summary>The referring domain, or null when it is ignored. A port doesn't matter.</summary>
    public string? Strip(string? referringDomain) => hosts.Contains(referringDomain) ? null : referringDomain;

    /// <summary>Returns the problems of a list that a caller wants to set; empty when it is valid.</summary>
    public static IEnumerable<SettingProblem> Problems(IReadOnlyList<string?> hosts) =>
        HostList.Problems("ignored_referrers", hosts);
}
