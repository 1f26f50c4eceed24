using System.ComponentModel.DataAnnotations;
using MaxMind.Db;

namespace Sessions.Capture.Places;

/// <summary>
/// The file for the countries of addresses: <c>Sessions:GeoIp</c> in the configuration. Checked at start.
/// </summary>
public sealed class GeoIpOptions : IValidatableObject
{
    /// <summary>Where these options are in the configuration.</summary>
    public const string Section = "Sessions:GeoIp";

    /// <summary>
    /// A file in MaxMind's format, for example GeoLite2-Country.mmdb. Default none: sessions have no country.
    /// </summary>
    public string? File { get; set; }

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (!string.IsNullOrEmpty(File) && Fault(File) is string fault)
        {
            yield return new ValidationResult($"{Section}:{nameof(File)}: '{File}' {fault}", [nameof(File)]);
        }
    }

    private static string? Fault(string file)
    {
        try
        {
            using var reader = new Reader(file);
            return null;
        }
        catch (Exception broken) when (broken is InvalidDatabaseException or DeserializationException)
        {
            return "is no file in MaxMind's format.";
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return $"can't be read: {unreadable.Message}";
        }
    }
}
