using Sessions.Queries;

namespace Sessions.Web.Projects;

/// <summary>The data of the project's page.</summary>
/// <param name="Form">The settings.</param>
/// <param name="Keys">The project's keys.</param>
public sealed record ProjectView(SettingsForm Form, IReadOnlyList<ListedKey> Keys)
{
    /// <summary>A message for the top of the page; null for none.</summary>
    public string? Message { get; init; }

    /// <summary>A new key. This is the only time that it is shown.</summary>
    public string? NewKey { get; init; }

    /// <summary>What is wrong with the requested key; null when it is valid.</summary>
    public string? KeyFault { get; init; }
}
