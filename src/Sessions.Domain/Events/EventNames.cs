namespace Sessions.Domain;

/// <summary>The event names that have a meaning for sessions.</summary>
public static class EventNames
{
    public const string Pageview = "$pageview";
    public const string Screen = "$screen";
    public const string Autocapture = "$autocapture";
    public const string Identify = "$identify";

    /// <summary>Whether the event shows a page or screen: only such an event makes a start or exit page of its own.</summary>
    public static bool IsPage(string name) => name is Pageview or Screen;
}
