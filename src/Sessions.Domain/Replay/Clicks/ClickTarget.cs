namespace Sessions.Domain.Replay.Clicks;

/// <summary>What a click on an element of a recorded page should do.</summary>
public enum ClickTarget : byte
{
    /// <summary>Nothing that the recording would show: the element is no control, or its effect is outside the page.</summary>
    None,

    /// <summary>Something happens in the page.</summary>
    Control,

    /// <summary>The page leads to another, so the recording of this one may end.</summary>
    Link,
}
