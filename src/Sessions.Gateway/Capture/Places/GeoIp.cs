using System.Net;
using MaxMind.Db;
using Microsoft.Extensions.Options;

namespace Sessions.Gateway.Capture.Places;

/// <summary>The country of an address, as ISO 3166's two letters; null when it is not known.</summary>
internal delegate string? FindCountry(IPAddress address);

/// <summary>Looks addresses up in the operator's file; without one nothing is known.</summary>
internal sealed class GeoIp(IOptions<GeoIpOptions> options) : IDisposable
{
    private readonly Reader? _reader =
        string.IsNullOrEmpty(options.Value.File) ? null : new Reader(options.Value.File, FileAccessMode.Memory);

    public string? FindCountry(IPAddress address)
    {
        try
        {
            string? code = _reader?.Find<Place>(address)?.Country?.Code;
            return code is { Length: 2 } && char.IsAsciiLetterUpper(code[0]) && char.IsAsciiLetterUpper(code[1]) ? code : null;
        }
        catch (Exception broken) when (broken is InvalidDatabaseException or DeserializationException)
        {
            // Damage that the check at start can't see: an event without a country is better than none.
            return null;
        }
    }

    public void Dispose() => _reader?.Dispose();

    /// <summary>Of all that a file says of an address, what is read.</summary>
    internal sealed class Place
    {
        [MapKey("country")]
        public Country? Country { get; init; }
    }

    internal sealed class Country
    {
        [MapKey("iso_code")]
        public string? Code { get; init; }
    }
}
