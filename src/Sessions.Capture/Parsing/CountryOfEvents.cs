using System.Net;
using Sessions.Capture.Places;

namespace Sessions.Capture.Parsing;

/// <summary>The countries of one request's events.</summary>
/// <param name="places">Finds the country of an address.</param>
/// <param name="client">The address that the request came from.</param>
internal struct CountryOfEvents(GeoIp places, IPAddress? client)
{
    private string? _ofClient;
    private bool _isLookedUp;

    /// <summary>
    /// The country of the address that the event names, which servers send for their users; else that of the client.
    /// An SDK on a server states that its own address is not the person's.
    /// </summary>
    public string? Of(in ScannedProperties properties)
    {
        if (!places.HasFile || properties.GeoIpDisabled)
        {
            return null;
        }

        if (IsAddress(properties.Ip) && IPAddress.TryParse(properties.Ip, out IPAddress? named))
        {
            return places.FindCountry(named.IsIPv4MappedToIPv6 ? named.MapToIPv4() : named);
        }

        if (!_isLookedUp)
        {
            _ofClient = client is null ? null : places.FindCountry(client);
            _isLookedUp = true;
        }

        return _ofClient;
    }

    // IPAddress also parses a plain number, in an old notation: 1 is 0.0.0.1.
    private static bool IsAddress(string? text) => text is not null && (text.Contains('.') || text.Contains(':'));
}
