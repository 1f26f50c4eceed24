using System.Text.RegularExpressions;

namespace Sessions.Host.Telemetry;

/// <summary>
/// Takes out of a log's text what names a person. Orleans writes grains' ids into its own lines and exceptions, and the
/// id of a device's grain ends with the distinct id that a client made up.
/// </summary>
internal static partial class PersonalText
{
    /// <summary>The text without keys of devices and sessions.</summary>
    public static string Without(string text) =>
        text.Contains("device/", StringComparison.Ordinal) || text.Contains("session/", StringComparison.Ordinal)
            ? Device().Replace(Session().Replace(text, "$1…"), "$1…")
            : text;

    // A name may hold anything, so nobody can tell where it ends: what follows it in its line goes with it.
    [GeneratedRegex(@"(\bdevice/[a-z0-9_-]{1,40}~)[^\r\n]+")]
    private static partial Regex Device();

    [GeneratedRegex(@"(\bsession/[a-z0-9_-]{1,40}~)[0-9a-fA-F-]{36}")]
    private static partial Regex Session();
}
