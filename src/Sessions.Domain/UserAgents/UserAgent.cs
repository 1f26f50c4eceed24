namespace Sessions.Domain.UserAgents;

/// <summary>The values of a user agent; null for those that it does not have, as for a program.</summary>
public readonly record struct UserAgentFacts(string? Browser, string? Os, string? DeviceType);

/// <summary>
/// Reads browser, system and device type from a user agent, for events that don't have these properties. It uses the
/// words of PostHog's SDKs, so that a browser has the same name whether the SDK or the server recognised it. For the
/// same reason, the many relatives of Chrome are Chrome here.
/// </summary>
public static class UserAgent
{
    /// <summary>The longest part of a user agent that is read, in characters.</summary>
    public const int MaxLength = 1_000;

    // The first row whose mark is in the user agent decides. Newer browsers include the marks of older ones, so a newer
    // browser's row comes before those that it imitates.
    private static readonly (string Mark, string Name)[] Browsers =
    [
        ("Edg/", "Microsoft Edge"),
        ("EdgA/", "Microsoft Edge"),
        ("EdgiOS/", "Microsoft Edge"),
        ("Edge/", "Microsoft Edge"),
        ("Opera Mini", "Opera Mini"),
        ("OPR/", "Opera"),
        ("OPT/", "Opera"),
        ("OPX/", "Opera"),
        ("OPiOS/", "Opera"),
        ("Opera", "Opera"),
        ("SamsungBrowser/", "Samsung Internet"),
        ("UCBrowser/", "UC Browser"),
        ("UCWEB/", "UC Browser"),
        ("FBAN/", "Facebook Mobile"),
        ("FBAV/", "Facebook Mobile"),
        ("CriOS/", "Chrome iOS"),
        ("FxiOS/", "Firefox iOS"),
        ("IEMobile", "Internet Explorer Mobile"),
        ("MSIE ", "Internet Explorer"),
        ("Trident/", "Internet Explorer"),
        ("BlackBerry", "BlackBerry"),
        ("BB10", "BlackBerry"),
        ("PlayBook", "BlackBerry"),
        ("Konqueror", "Konqueror"),
        ("Firefox/", "Firefox"),
        ("Chrome/", "Chrome"),
        ("Chromium/", "Chrome"),
    ];

    private static readonly (string Mark, string Name)[] Systems =
    [
        ("Xbox", "Xbox"),
        ("PlayStation", "PlayStation"),
        ("PLAYSTATION", "PlayStation"),
        ("Nintendo", "Nintendo"),
        ("Windows Phone", "Windows Phone"),
        ("WPDesktop", "Windows Phone"),
        ("Windows", "Windows"),
        ("Apple Watch", "watchOS"),
        ("watchOS", "watchOS"),
        ("iPhone", "iOS"),
        ("iPad", "iOS"),
        ("iPod", "iOS"),
        ("Android", "Android"),
        ("BlackBerry", "BlackBerry"),
        ("BB10", "BlackBerry"),
        ("PlayBook", "BlackBerry"),
        ("CrOS", "Chrome OS"),
        ("Macintosh", "Mac OS X"),
        ("Mac OS X", "Mac OS X"),
        ("Linux", "Linux"),
        ("X11", "Linux"),
    ];

    private static readonly string[] Watches = ["Watch", "SM-R8", "SM-R9", "SM-L3"];

    private static readonly string[] Tablets =
        ["Tablet", "SM-T", "SM-X", "Nexus 7", "Nexus 9", "Nexus 10", "Pixel C", "Pixel Tablet", "Kindle", "Lenovo TB", "PlayBook"];

    /// <summary>Reads any text, also null or empty. The time is linear in the length.</summary>
    public static UserAgentFacts Read(string? userAgent)
    {
        if (string.IsNullOrEmpty(userAgent))
        {
            return default;
        }

        ReadOnlySpan<char> agent = userAgent.AsSpan(0, Math.Min(userAgent.Length, MaxLength));
        string? os = First(Systems, agent);
        return new UserAgentFacts(BrowserOf(agent, os), os, DeviceOf(agent, os));
    }

    private static string? BrowserOf(ReadOnlySpan<char> agent, string? os)
    {
        if (First(Browsers, agent) is { } browser)
        {
            return browser;
        }

        if (!Has(agent, "AppleWebKit/"))
        {
            return Has(agent, "Gecko/") ? "Mozilla" : null;
        }

        // The remaining WebKit browsers: Android's browser from before Chrome, and Safari, whose name Apple's other
        // apps use too.
        return os switch
        {
            "Android" => "Android Mobile",
            "iOS" => "Mobile Safari",
            _ => Has(agent, "Safari/") ? "Safari" : null,
        };
    }

    private static string? DeviceOf(ReadOnlySpan<char> agent, string? os) => os switch
    {
        "Xbox" or "PlayStation" or "Nintendo" => "Console",
        "watchOS" => "Wearable",
        "iOS" => Has(agent, "iPad") ? "Tablet" : "Mobile",
        "Android" => AndroidDeviceOf(agent),
        "BlackBerry" => HasAny(agent, Tablets) ? "Tablet" : "Mobile",
        "Windows Phone" => "Mobile",
        not null => "Desktop",
        null => Has(agent, "Opera Mini") ? "Mobile" : null,
    };

    /// <summary>
    /// Browsers on Android phones say "Mobile" and those on tablets leave it out; apps, which do not pretend to be
    /// Mozilla, never say it.
    /// </summary>
    private static string AndroidDeviceOf(ReadOnlySpan<char> agent)
    {
        if (HasAny(agent, Watches))
        {
            return "Wearable";
        }

        bool isPhone = Has(agent, "Mobile") || !Has(agent, "Mozilla/");
        return HasAny(agent, Tablets) || !isPhone ? "Tablet" : "Mobile";
    }

    private static string? First((string Mark, string Name)[] table, ReadOnlySpan<char> agent)
    {
        foreach ((string mark, string name) in table)
        {
            if (Has(agent, mark))
            {
                return name;
            }
        }

        return null;
    }

    private static bool HasAny(ReadOnlySpan<char> agent, string[] marks)
    {
        foreach (string mark in marks)
        {
            if (Has(agent, mark))
            {
                return true;
            }
        }

        return false;
    }

    private static bool Has(ReadOnlySpan<char> agent, string mark) => agent.Contains(mark, StringComparison.Ordinal);
}
