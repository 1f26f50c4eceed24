using System.Net;
using System.Net.Sockets;

namespace Sessions.Domain.Webhooks;

/// <summary>Distinguishes addresses of the public internet from those of private networks.</summary>
public static class PublicAddress
{
    // From IANA's registries of special-purpose addresses: ranges that are not globally reachable, and ranges whose
    // addresses may contain such an address (NAT64, 6to4, Teredo).
    private static readonly IPNetwork[] Special =
    [
        IPNetwork.Parse("0.0.0.0/8"), IPNetwork.Parse("10.0.0.0/8"), IPNetwork.Parse("100.64.0.0/10"), IPNetwork.Parse("127.0.0.0/8"),
        IPNetwork.Parse("169.254.0.0/16"), IPNetwork.Parse("172.16.0.0/12"), IPNetwork.Parse("192.0.0.0/24"), IPNetwork.Parse("192.0.2.0/24"),
        IPNetwork.Parse("192.88.99.0/24"), IPNetwork.Parse("192.168.0.0/16"), IPNetwork.Parse("198.18.0.0/15"), IPNetwork.Parse("198.51.100.0/24"),
        IPNetwork.Parse("203.0.113.0/24"), IPNetwork.Parse("224.0.0.0/4"), IPNetwork.Parse("240.0.0.0/4"),
        IPNetwork.Parse("64:ff9b::/96"), IPNetwork.Parse("64:ff9b:1::/48"), IPNetwork.Parse("100::/64"), IPNetwork.Parse("2001::/23"),
        IPNetwork.Parse("2001:db8::/32"), IPNetwork.Parse("2002::/16"), IPNetwork.Parse("3fff::/20"),
    ];

    // The only range of IPv6 with public addresses.
    private static readonly IPNetwork GlobalUnicast = IPNetwork.Parse("2000::/3");

    /// <summary>Whether the address is one of the public internet.</summary>
    public static bool Is(IPAddress address)
    {
        IPAddress bare = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        return (bare.AddressFamily == AddressFamily.InterNetwork || GlobalUnicast.Contains(bare))
            && !Special.Any(network => network.Contains(bare));
    }
}
