namespace Sessions;

/// <summary>Names of time zones: those of the IANA database, such as <c>Europe/Berlin</c> or <c>UTC</c>.</summary>
public static class TimeZoneName
{
    /// <summary>The longest name that is looked up.</summary>
    public const int MaxLength = 64;

    /// <summary>Whether this machine knows the zone by that name, letter case and all.</summary>
    public static bool IsKnown(string? name)
    {
        if (string.IsNullOrEmpty(name) || name.Length > MaxLength || !name.All(IsAllowed) || !char.IsAsciiLetter(name[0]))
        {
            // The name becomes a file's name in the look-up: only what can be a zone's gets there.
            return false;
        }

        // "posix" and "right" hold the zones once more; "localtime" is whatever this machine is set to.
        string first = name.Split('/')[0];
        return first is not ("posix" or "right" or "localtime" or "posixrules" or "Factory")
            && TimeZoneInfo.TryFindSystemTimeZoneById(name, out TimeZoneInfo? zone)
            && zone.Id == name;
    }

    private static bool IsAllowed(char c) => char.IsAsciiLetterOrDigit(c) || c is '/' or '_' or '-' or '+';
}
