using System.Collections.Frozen;

namespace Sessions.Domain.Channels;

/// <summary>
/// A list of hosts with their subdomains: <c>auth0.com</c> also matches <c>me.eu.auth0.com</c>. Letter case and a port
/// don't matter.
/// </summary>
public sealed class HostList
{
    /// <summary>The most entries a list may have.</summary>
    public const int MaxHosts = 500;

    /// <summary>The longest valid host name, in characters.</summary>
    public const int MaxHostLength = 253;

    public static readonly HostList None = new([]);

    private readonly FrozenSet<string> hosts;
    private readonly FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>> lookup;

    /// <summary>
    /// Takes hosts in which <see cref="Problems"/> finds no problem, in any letter case, with or without a leading
    /// <c>*.</c>.
    /// </summary>
    public HostList(IEnumerable<string> hosts)
    {
        this.hosts = hosts.Select(Plain).ToFrozenSet(StringComparer.OrdinalIgnoreCase);
        lookup = this.hosts.GetAlternateLookup<ReadOnlySpan<char>>();
    }

    /// <summary>Whether the host or one of its parent domains is in the list.</summary>
    public bool Contains(string? hostAndPort)
    {
        if (hosts.Count == 0)
        {
            return false;
        }

        ReadOnlySpan<char> host = hostAndPort;
        if (host.LastIndexOf(':') is >= 0 and int port)
        {
            host = host[..port];
        }

        while (!lookup.Contains(host))
        {
            int dot = host.IndexOf('.');
            if (dot < 0)
            {
                return false;
            }

            host = host[(dot + 1)..];
        }

        return true;
    }

    /// <summary>Returns the problems of a list that a caller wants to set; empty when it is valid.</summary>
    public static IEnumerable<SettingProblem> Problems(string field, IReadOnlyList<string?> hosts)
    {
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
        host.Length <= MaxHostLength
        && host.Split('.').All(label => label.Length > 0 && label.All(c => char.IsLetterOrDigit(c) || c is '-' or '_'));

    private static string Plain(string host)
    {
        string trimmed = host.Trim();
        return trimmed.StartsWith("*.", StringComparison.Ordinal) ? trimmed[2..] : trimmed;
    }
}
