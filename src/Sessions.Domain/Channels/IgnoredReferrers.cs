using System.Collections.Frozen;

namespace Sessions.Domain.Channels;

/// <summary>
/// Hosts that are never where a visit came from: sign-in and payment pages that send people back. Such a referrer
/// counts as absent, not as <c>$direct</c>: that nobody knows where the visit came from is not that it came from
/// nowhere. So its session is Unknown unless tags say more.
/// </summary>
/// <remarks>
/// An entry means the host and everything below it: <c>auth0.com</c> also means <c>me.eu.auth0.com</c>. Whoever reads
/// the referrer of an event applies <see cref="Strip"/>, so that <c>$entry_referring_domain</c> shows what the channel
/// was decided from.
/// </remarks>
public sealed class IgnoredReferrers
{
    /// <summary>The most entries a project may have.</summary>
    public const int MaxHosts = 500;

    /// <summary>The longest host name there is.</summary>
    public const int MaxHostLength = 253;

    public static readonly IgnoredReferrers None = new([]);

    private readonly FrozenSet<string> hosts;
    private readonly FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>> lookup;

    /// <summary>Takes what <see cref="Problems"/> has nothing against, in any case, with or without <c>*.</c> before it.</summary>
    public IgnoredReferrers(IEnumerable<string> hosts)
    {
        this.hosts = hosts.Select(Plain).ToFrozenSet(StringComparer.OrdinalIgnoreCase);
        lookup = this.hosts.GetAlternateLookup<ReadOnlySpan<char>>();
    }

    /// <summary>The referring domain, or null when it is to be ignored. A port doesn't matter.</summary>
    public string? Strip(string? referringDomain)
    {
        if (referringDomain is null || hosts.Count == 0)
        {
            return referringDomain;
        }

        ReadOnlySpan<char> host = referringDomain;
        if (host.LastIndexOf(':') is >= 0 and int port)
        {
            host = host[..port];
        }

        while (!lookup.Contains(host))
        {
            int dot = host.IndexOf('.');
            if (dot < 0)
            {
                return referringDomain;
            }

            host = host[(dot + 1)..];
        }

        return null;
    }

    /// <summary>What is wrong with a list that somebody wants to set; empty when nothing is.</summary>
    public static IEnumerable<SettingProblem> Problems(IReadOnlyList<string?> hosts)
    {
        const string field = "ignored_referrers";
        if (hosts.Count > MaxHosts)
        {
            yield return new SettingProblem(field, $"has {hosts.Count} hosts; at most {MaxHosts} are allowed");
            yield break;
        }

        for (int i = 0; i < hosts.Count; i++)
        {
            if (hosts[i] is not { } host || !IsHost(Plain(host)))
            {
                yield return new SettingProblem(
                    $"{field}[{i}]", "must be a host such as \"accounts.google.com\", without scheme, port or path");
            }
        }
    }

    private static bool IsHost(string host) =>
        host.Length is > 0 and <= MaxHostLength
        && host.Split('.').All(label => label.Length > 0 && label.All(c => char.IsLetterOrDigit(c) || c is '-' or '_'));

    private static string Plain(string host)
    {
        string trimmed = host.Trim();
        return trimmed.StartsWith("*.", StringComparison.Ordinal) ? trimmed[2..] : trimmed;
    }
}
