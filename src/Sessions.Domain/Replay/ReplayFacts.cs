namespace Sessions.Domain.Replay;

/// <summary>The values of one rrweb event that replays count. The numbers are rrweb's own.</summary>
/// <param name="TimeMs">The event's time in milliseconds since 1970, by the client's clock.</param>
/// <param name="Type">
/// rrweb's kind of event: 2 a full snapshot, 3 an incremental one, 4 the page's address, 5 custom, 6 a plugin's.
/// </param>
/// <param name="Source">For an incremental snapshot: what changed.</param>
/// <param name="Interaction">For a mouse interaction: its kind.</param>
/// <param name="Console">The level of a console message; None for other events.</param>
/// <param name="Href">The event's URL, trimmed and cut; null when it has none.</param>
/// <param name="Picture">For a full snapshot: what it is made of.</param>
public readonly record struct ReplayFacts(
    long TimeMs, int Type, int Source, int Interaction, ConsoleLevel Console, string? Href, PictureKind Picture = PictureKind.None)
{
    private const int Incremental = 3;
    private const int MouseMove = 1;
    private const int MouseInteraction = 2;
    private const int Input = 5;
    private const int TouchMove = 6;

    /// <summary>Whether the event has one of rrweb's kinds.</summary>
    public bool IsKnown => Type is >= 0 and <= 6;

    /// <summary>Whether the event is an action of the person, which starts or extends activity.</summary>
    public bool IsActive => Type == Incremental && Source is (>= 1 and <= 7) or 12;

    /// <summary>Whether the event is a click, a context menu, a double click or the end of a touch.</summary>
    public bool IsClick => Type == Incremental && Source == MouseInteraction && Interaction is 2 or 3 or 4 or 9;

    /// <summary>Whether the event is an input event, which includes checkboxes and lists.</summary>
    public bool IsKeypress => Type == Incremental && Source == Input;

    /// <summary>Whether the event is a movement or interaction of a mouse or finger; clicks are included.</summary>
    public bool IsMouseActivity => Type == Incremental && Source is MouseMove or MouseInteraction or TouchMove;
}

/// <summary>What a full snapshot is made of. A player needs one before it can show anything.</summary>
public enum PictureKind
{
    /// <summary>The event is not a full snapshot.</summary>
    None,

    /// <summary>The document of a page.</summary>
    Web,

    /// <summary>The wireframes or the picture of a phone's screen.</summary>
    Mobile,

    /// <summary>A form that is not known, so that it can't be played.</summary>
    Unknown,
}

/// <summary>The level of a console message; each level has its own counter.</summary>
public enum ConsoleLevel
{
    /// <summary>The event is not a console message.</summary>
    None,
    Log,
    Warn,
    Error,
}
