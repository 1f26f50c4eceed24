using System.Net;
using MaxMind.Db;
using Microsoft.Extensions.Options;

namespace Sessions.Capture.Places;

/// <summary>Finds the country of an address in the operator's file. Without a file no country is known.</summary>
internal sealed class GeoIp(IOptions<GeoIpOptions> options) : IDisposable
{
    private readonly Reader? _reader =
        string.IsNullOrEmpty(options.Value.File) ? null : new Reader(options.Value.File, FileAccessMode.Memory);

    /// <summary>Whether the operator has configured a file.</summary>
    public bool HasFile => _reader is not null;

    /// <summary>The country of an address, as ISO 3166's two letters; null when it is not known.</summary>
    public string? FindCountry(IPAddress address)
    {
        try
        {
            string? code = _reader?.Find<Place>(address)?.Country?.Code;
            return code is { Length: 2 } && char.IsAsciiLetterUpper(code[0]) && char.IsAsciiLetterUpper(code[1]) ? code : null;
        }
        catch (Exception broken) when (broken is InvalidDatabaseException or DeserializationException)
        {
            // The check at start can't find all damage. Storing the event without a country is better than refusing
            // it.
            return null;
        }
    }

    public void Dispose() => _reader?.Dispose();

    /// <summary>The part of a file's record that is read.</summary>
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
