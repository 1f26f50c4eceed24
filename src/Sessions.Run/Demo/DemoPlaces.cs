using Sessions.Capture.Places;

namespace Sessions.Run.Demo;

/// <summary>
/// Where the demo's visitors are. They have addresses of a network that is reserved for documentation (RFC 5737), which no real
/// visitor has, and a GeoIP file says which country each part of it is in. So the demo has countries without a file that has to
/// be downloaded, and no visitor of a real project gets one from it.
/// </summary>
internal static class DemoPlaces
{
    private const string Setting = $"{GeoIpOptions.Section}:{nameof(GeoIpOptions.File)}";
    private const string Network = "203.0.113";
    private const int Addresses = 16;

    /// <summary>An address in a country of the demo.</summary>
    public static string AddressIn(string country) => $"{Network}.{First(country) + 1}";

    /// <summary>The GeoIP file with the demo's addresses.</summary>
    public static byte[] GeoIpFile() =>
        CountryFile.Of([.. DemoSite.Countries.Values.Select(country => ($"{Network}.{First(country)}/28", country))]);

    /// <summary>
    /// The settings of the processes, with the demo's GeoIP file unless the operator has set one. That one does not have the
    /// demo's addresses, and the countries that the demo's events name count. What an earlier demo has stored keeps its countries
    /// when the demo does not run.
    /// </summary>
    /// <param name="isRunning">Whether the demo runs.</param>
    /// <param name="settings">The settings until now.</param>
    /// <param name="configured">What the operator has set.</param>
    /// <param name="directory">Where the file is written.</param>
    public static IReadOnlyDictionary<string, string> Add(
        bool isRunning, IReadOnlyDictionary<string, string> settings, IConfiguration configured, string directory)
    {
        string file = Path.Combine(Path.GetFullPath(directory), "demo-countries.mmdb");
        if (!string.IsNullOrEmpty(configured[Setting]) || !(isRunning || File.Exists(file)))
        {
            return settings;
        }

        File.WriteAllBytes(file, GeoIpFile());
        return new Dictionary<string, string>(settings) { [Setting] = file };
    }

    private static int First(string country) => Addresses * DemoSite.Countries.Values.IndexOf(country);
}
