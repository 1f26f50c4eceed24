namespace Sessions.Domain.Projects;

/// <summary>The parts of the settings page, in their order.</summary>
public enum SettingSection
{
    /// <summary>The first part, which has no title.</summary>
    General,
    Sessions,
    Channels,
    Paths,
    Filters,
    Replay,
    Quotas,
}

/// <summary>A setting's field on the settings page.</summary>
/// <param name="Section">The part of the page that contains the field.</param>
/// <param name="Label">The field's label.</param>
public sealed record SettingInput(SettingSection Section, string Label)
{
    /// <summary>A text that explains the setting; null when the label is enough.</summary>
    public string? Hint { get; init; }

    /// <summary>The choices, in order; null for free text.</summary>
    public IReadOnlyList<string>? Choices { get; init; }

    /// <summary>Values that the browser suggests; other values are allowed too. Null for none.</summary>
    public IReadOnlyList<string>? Suggestions { get; init; }

    /// <summary>The number of lines of the field; 0 for a single-line field.</summary>
    public int Lines { get; init; }

    /// <summary>Whether the field is a checkbox.</summary>
    public bool IsBox { get; init; }

    /// <summary>Whether the field is a number.</summary>
    public bool IsNumber { get; init; }
}
