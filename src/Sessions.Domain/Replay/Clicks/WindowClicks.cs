namespace Sessions.Domain.Replay.Clicks;

/// <summary>A click in a recorded window.</summary>
/// <param name="TimeMs">Its time, in milliseconds since 1970.</param>
/// <param name="X">Where it was, in pixels from the left; null when the recorder did not say.</param>
/// <param name="Y">Where it was, in pixels from the top.</param>
/// <param name="Node">The node that was clicked.</param>
/// <param name="Element">The clickable element at or around it; 0 without one.</param>
/// <param name="Target">What a click on that element should do.</param>
internal readonly record struct RecordedClick(long TimeMs, double? X, double? Y, int Node, int Element, ClickTarget Target);

/// <summary>
/// The clicks and changes of one recorded window. What is found in it depends on the times alone, and not on the order in
/// which they were added.
/// </summary>
internal sealed class WindowClicks
{
    /// <summary>How soon a page must change after a click, in milliseconds.</summary>
    public const long ChangeMs = 2_500;

    /// <summary>How soon it must scroll after a click, so that the click may be the cause. A person who scrolls later does it because nothing happened.</summary>
    public const long ScrollMs = 100;

    /// <summary>The longest time from the first to the third click of a rage click.</summary>
    public const long RageMs = 1_000;

    /// <summary>How far apart its clicks may be, in pixels.</summary>
    public const double RagePixels = 30;

    /// <summary>How many clicks it takes.</summary>
    public const int RageClicks = 3;

    /// <summary>The most clicks of a window that are looked at.</summary>
    public const int MaxClicks = 50_000;

    private readonly List<RecordedClick> _clicks = [];
    private readonly ChangeTimes _changes = new(ChangeMs);
    private readonly ChangeTimes _scrolls = new(ScrollMs);
    private long _lastMs = long.MinValue;

    /// <summary>Whether it shows a phone's screen, where clicks have no targets.</summary>
    public bool IsOfPhone { get; set; }

    /// <summary>The page's nodes now.</summary>
    public PageNodes Page { get; } = new();

    /// <summary>The address of the page; null when none was recorded yet.</summary>
    public string? Href { get; set; }

    /// <summary>Something was recorded at that time.</summary>
    public void Note(long timeMs) => _lastMs = Math.Max(_lastMs, timeMs);

    /// <summary>The page changed at that time.</summary>
    public void Change(long timeMs) => _changes.Add(timeMs);

    /// <summary>The page scrolled, or a text was selected, at that time.</summary>
    public void Scroll(long timeMs) => _scrolls.Add(timeMs);

    /// <summary>A person clicked.</summary>
    public void Click(long timeMs, double? x, double? y, int node)
    {
        if (_clicks.Count < MaxClicks)
        {
            (int element, ClickTarget target) = Page.Find(node);
            _clicks.Add(new RecordedClick(timeMs, x, y, node, element, target));
        }
    }

    /// <summary>Adds the rage and dead clicks that are in the window.</summary>
    public void Find(string windowId, List<FoundClick> found)
    {
        if (IsOfPhone)
        {
            return;
        }

        // The same click may be in two snapshots.
        RecordedClick[] clicks =
        [
            .. _clicks.DistinctBy(click => (click.TimeMs, click.X, click.Y, click.Node))
                .OrderBy(click => click.TimeMs).ThenBy(click => click.Node).ThenBy(click => click.X).ThenBy(click => click.Y),
        ];
        FindRage(windowId, clicks, found);
        FindDead(windowId, clicks, found);
    }

    private static void FindRage(string windowId, RecordedClick[] clicks, List<FoundClick> found)
    {
        int first = 0;
        bool isCounted = false;
        for (int i = 0; i < clicks.Length; i++)
        {
            if (isCounted && IsNear(clicks[i - 1], clicks[i]))
            {
                // Who goes on clicking at the same place is angry once.
                continue;
            }

            first = isCounted ? i : first;
            isCounted = i - first >= RageClicks - 1 && IsRage(clicks.AsSpan(i - RageClicks + 1, RageClicks));
            if (isCounted)
            {
                found.Add(new FoundClick(ClickTrouble.Rage, windowId, clicks[i].TimeMs));
            }
        }
    }

    private static bool IsRage(ReadOnlySpan<RecordedClick> clicks)
    {
        for (int i = 0; i < clicks.Length; i++)
        {
            for (int j = i + 1; j < clicks.Length; j++)
            {
                if (!IsNear(clicks[i], clicks[j]))
                {
                    return false;
                }
            }
        }

        return true;
    }

    private static bool IsNear(RecordedClick one, RecordedClick other) =>
        other.TimeMs - one.TimeMs <= RageMs
        && one.X is { } x && one.Y is { } y && other.X is { } otherX && other.Y is { } otherY
        && Math.Sqrt(((x - otherX) * (x - otherX)) + ((y - otherY) * (y - otherY))) <= RagePixels;

    private void FindDead(string windowId, RecordedClick[] clicks, List<FoundClick> found)
    {
        Dictionary<int, long> last = [];
        foreach (RecordedClick click in clicks)
        {
            if (click.Target == ClickTarget.None
                || _changes.IsWithin(click.TimeMs)
                || _scrolls.IsWithin(click.TimeMs)
                // A link leads away, and what follows is recorded elsewhere or not at all.
                || (click.Target == ClickTarget.Link && _lastMs <= click.TimeMs + ChangeMs))
            {
                continue;
            }

            // Several clicks at once on the same element are one.
            if (!last.TryGetValue(click.Element, out long before) || click.TimeMs - before >= RageMs)
            {
                found.Add(new FoundClick(ClickTrouble.Dead, windowId, click.TimeMs));
            }

            last[click.Element] = click.TimeMs;
        }
    }
}
