using System.Text.Json.Serialization;

namespace Sessions.Domain.Events;

/// <summary>What an event shows. The numbers are stored.</summary>
public enum Shows
{
    /// <summary>The event is neither a pageview nor a screen.</summary>
    Nothing = 0,

    /// <summary>A <c>$pageview</c>: a page of a site.</summary>
    Page = 1,

    /// <summary>A <c>$screen</c>: a screen of an app, which has a name and most often no URL.</summary>
    Screen = 2,
}

/// <summary>The page or screen of an event, as sessions show it.</summary>
/// <param name="Shows">What the event shows.</param>
/// <param name="Url">The event's <c>$current_url</c>.</param>
/// <param name="ScreenName">The event's <c>$screen_name</c>.</param>
public readonly record struct ShownPage(Shows Shows, string? Url, string? ScreenName)
{
    /// <summary>The page or screen of an event with these facts.</summary>
    public static ShownPage Of(Shows shows, EventFacts facts) => new(shows, facts.CurrentUrl, facts.ScreenName);

    /// <summary>The screen's name; null for a page of a site.</summary>
    [JsonIgnore]
    public string? Screen => Shows == Shows.Page ? null : ScreenName;

    /// <summary>The URL's path. A screen without a URL goes by its name.</summary>
    [JsonIgnore]
    public string? Pathname => Url is null ? NameOfScreen : Urls.Path(Url);

    /// <summary>The URL's host.</summary>
    [JsonIgnore]
    public string? Hostname => Urls.Hostname(Url);

    /// <summary>
    /// The key for counting different pages and screens: the URL, else the screen's name; null when it has neither.
    /// </summary>
    [JsonIgnore]
    public string? Identity => Url ?? NameOfScreen;

    private string? NameOfScreen => Shows == Shows.Screen ? ScreenName : null;
}
