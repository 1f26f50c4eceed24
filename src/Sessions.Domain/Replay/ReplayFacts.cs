namespace Sessions.Domain.Replay;

/// <summary>What one rrweb event says to whoever counts it. The numbers are rrweb's own.</summary>
/// <param name="TimeMs">Milliseconds since 1970 by the client's clock.</param>
/// <param name="Type">rrweb's kind of event: 2 a full snapshot, 3 an incremental one, 4 the page's address, 5 custom, 6 a plugin's.</param>
/// <param name="Source">Of an incremental snapshot: what changed.</param>
/// <param name="Interaction">Of a mouse interaction: which.</param>
/// <param name="Console">The level of a console message; none when it is something else.</param>
/// <param name="Href">The address that it names, trimmed and cut; null when it names none.</param>
public readonly record struct ReplayFacts(
    long TimeMs, int Type, int Source, int Interaction, ConsoleLevel Console, string? Href)
{
    private const int Incremental = 3;
    private const int MouseMove = 1;
    private const int MouseInteraction = 2;
    private const int Input = 5;
    private const int TouchMove = 6;

    /// <summary>What a person does: it starts and prolongs activity.</summary>
    public bool IsActive => Type == Incremental && Source is (>= 1 and <= 7) or 12;

    /// <summary>A click, a context menu, a double click or the end of a touch.</summary>
    public bool IsClick => Type == Incremental && Source == MouseInteraction && Interaction is 2 or 3 or 4 or 9;

    /// <summary>An input event: one for each that rrweb tells, also of a checkbox or a list.</summary>
    public bool IsKeypress => Type == Incremental && Source == Input;

    /// <summary>Movement and interaction of a mouse or finger; a click is one as well.</summary>
    public bool IsMouseActivity => Type == Incremental && Source is MouseMove or MouseInteraction or TouchMove;
}

/// <summary>The level of a console message, as counters tell them apart.</summary>
public enum ConsoleLevel
{
    /// <summary>No console message.</summary>
    None,
    Log,
    Warn,
    Error,
}
