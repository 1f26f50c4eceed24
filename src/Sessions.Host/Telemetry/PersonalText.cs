using System.Text.RegularExpressions;

namespace Sessions.Host.Telemetry;

/// <summary>
/// Removes personal data from log texts. Orleans writes grain ids into its log lines and exceptions, and the id of a
/// device's grain ends with a distinct id, which the client chose.
/// </summary>
internal static partial class PersonalText
{
    /// <summary>Returns the text without the keys of devices and sessions.</summary>
    public static string Without(string text) =>
        text.Contains("device/", StringComparison.Ordinal) || text.Contains("session/", StringComparison.Ordinal)
            ? Device().Replace(Session().Replace(text, "$1…"), "$1…")
            : text;

    // A distinct id may contain any character, so its end can't be found. The rest of the line is removed with it.
    [GeneratedRegex(@"(\bdevice/[a-z0-9_-]{1,40}~)[^\r\n]+")]
    private static partial Regex Device();

    [GeneratedRegex(@"(\bsession/[a-z0-9_-]{1,40}~)[0-9a-fA-F-]{36}")]
    private static partial Regex Session();
}
