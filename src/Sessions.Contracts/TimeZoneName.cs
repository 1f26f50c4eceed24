namespace Sessions;

/// <summary>
/// Checks names of time zones: names of the IANA database, such as <c>Europe/Berlin</c> or <c>UTC</c>.
/// </summary>
public static class TimeZoneName
{
    /// <summary>The longest name that is looked up.</summary>
    public const int MaxLength = 64;

    /// <summary>Whether this machine has a time zone with exactly that name. Letter case matters.</summary>
    public static bool IsKnown(string? name)
    {
        if (string.IsNullOrEmpty(name) || name.Length > MaxLength || !name.All(IsAllowed) || !char.IsAsciiLetter(name[0]))
        {
            // The look-up uses the name as a file name, so only characters of zone names are allowed.
            return false;
        }

        // The folders "posix" and "right" contain the zones again; "localtime" is this machine's own zone.
        string first = name.Split('/')[0];
        return first is not ("posix" or "right" or "localtime" or "posixrules" or "Factory")
            && TimeZoneInfo.TryFindSystemTimeZoneById(name, out TimeZoneInfo? zone)
            && zone.Id == name;
    }

    private static bool IsAllowed(char c) => char.IsAsciiLetterOrDigit(c) || c is '/' or '_' or '-' or '+';
}
