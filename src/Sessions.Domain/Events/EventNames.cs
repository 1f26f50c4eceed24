namespace Sessions.Domain.Events;

/// <summary>The names of events that sessions treat specially.</summary>
public static class EventNames
{
    public const string Pageview = "$pageview";
    public const string Screen = "$screen";
    public const string Autocapture = "$autocapture";
    public const string RageClick = "$rageclick";
    public const string DeadClick = "$dead_click";
    public const string Identify = "$identify";

    /// <summary>
    /// Whether an event of that name shows a page, a screen or neither. Pages and screens have priority as start and
    /// exit pages.
    /// </summary>
    public static Shows ShownBy(string? name) => name switch
    {
        Pageview => Shows.Page,
        Screen => Shows.Screen,
        _ => Shows.Nothing,
    };
}
