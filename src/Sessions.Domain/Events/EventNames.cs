namespace Sessions.Domain;

/// <summary>The event names that have a meaning for sessions.</summary>
public static class EventNames
{
    public const string Pageview = "$pageview";
    public const string Screen = "$screen";
    public const string Autocapture = "$autocapture";
    public const string Identify = "$identify";

    /// <summary>What the event shows: only a page or screen makes a start or exit page of its own.</summary>
    public static Shows ShownBy(string? name) => name switch
    {
        Pageview => Shows.Page,
        Screen => Shows.Screen,
        _ => Shows.Nothing,
    };
}
