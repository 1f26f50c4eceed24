using Sessions.Postgres.Queries;

namespace Sessions.Gateway.Pages.Settings;

/// <summary>What the project's page shows.</summary>
/// <param name="Form">The settings.</param>
/// <param name="Keys">The project's keys.</param>
public sealed record ProjectView(SettingsForm Form, IReadOnlyList<ListedKey> Keys)
{
    /// <summary>What to say at the top; null for nothing.</summary>
    public string? Said { get; init; }

    /// <summary>A key that was made just now: the only time that it is shown.</summary>
    public string? NewKey { get; init; }

    /// <summary>What is wrong with the key that was asked for; null when nothing is.</summary>
    public string? KeyFault { get; init; }
}
