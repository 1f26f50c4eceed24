using System.Net;
using Sessions.Gateway.Capture.Parsing;

namespace Sessions.Gateway.Capture.Places;

/// <summary>The countries of one request's events.</summary>
/// <param name="find">Looks an address up; null when no file is configured.</param>
/// <param name="client">Where the request came from.</param>
internal struct CountryOfEvents(FindCountry? find, IPAddress? client)
{
    private string? _ofClient;
    private bool _isLookedUp;

    /// <summary>
    /// By the address that the event names, for whoever speaks for others; else by the client's own. An SDK on a server
    /// says that its address is nobody's.
    /// </summary>
    public string? Of(in ScannedProperties properties)
    {
        if (find is null || properties.GeoIpDisabled)
        {
            return null;
        }

        if (IsAddress(properties.Ip) && IPAddress.TryParse(properties.Ip, out IPAddress? named))
        {
            return find(named.IsIPv4MappedToIPv6 ? named.MapToIPv4() : named);
        }

        if (!_isLookedUp)
        {
            _ofClient = client is null ? null : find(client);
            _isLookedUp = true;
        }

        return _ofClient;
    }

    // To the parser a plain number is an address too, of an old kind: 1 is 0.0.0.1.
    private static bool IsAddress(string? text) => text is not null && (text.Contains('.') || text.Contains(':'));
}
