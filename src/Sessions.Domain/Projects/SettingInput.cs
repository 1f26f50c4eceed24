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

/// <summary>The rows of a setting that is a list.</summary>
public enum SettingRows
{
    Texts,
    ChannelRules,
    PathRules,
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

    /// <summary>The rows of the field; null when it is not a list.</summary>
    public SettingRows? Rows { get; init; }

    /// <summary>The name of one row, such as <c>Path rule</c>.</summary>
    public string Row { get; init; } = "";

    /// <summary>An example of a row that is a text.</summary>
    public string Example { get; init; } = "accounts.example.com";

    /// <summary>Whether the field is a checkbox.</summary>
    public bool IsBox { get; init; }

    /// <summary>Whether the field is a number.</summary>
    public bool IsNumber { get; init; }

    /// <summary>The unit in which users type the number; null for none.</summary>
    public string? Unit { get; init; }

    /// <summary>
    /// The field's name in the form when its unit is not that of JSON. A page that was opened before an upgrade sends the name
    /// and the unit of JSON.
    /// </summary>
    public string? Field { get; init; }

    /// <summary>What the value must be in the field's unit, as a phrase after the label; null to say what the API says.</summary>
    public string? Expected { get; init; }
}
