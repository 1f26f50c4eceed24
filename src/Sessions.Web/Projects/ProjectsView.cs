using Sessions.Queries;

namespace Sessions.Web.Projects;

/// <summary>The data of the operator's page of projects.</summary>
/// <param name="Projects">The projects, with their names.</param>
public sealed record ProjectsView(IReadOnlyList<(ListedProject Project, string Name)> Projects)
{
    /// <summary>A message for the top of the page; null for none.</summary>
    public string? Message { get; init; }

    /// <summary>A new project's id, token, API key and SQL login. This is the only time that they are shown.</summary>
    public (string Id, string Token, string ApiKey, string? PostgresReader)? Made { get; init; }

    /// <summary>The id that the user typed.</summary>
    public string Id { get; init; } = "";

    /// <summary>The name that the user typed.</summary>
    public string Name { get; init; } = "";

    /// <summary>What is wrong with the requested project; null when it is valid.</summary>
    public string? Fault { get; init; }

    /// <summary>Whether there are more projects than the page shows.</summary>
    public bool IsCut { get; init; }
}
