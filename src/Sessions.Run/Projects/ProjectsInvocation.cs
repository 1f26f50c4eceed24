using Sessions.Host;

namespace Sessions.Run.Projects;

/// <summary>What to do with projects.</summary>
internal enum ProjectsAction
{
    /// <summary>List all.</summary>
    List,

    /// <summary>Make one.</summary>
    Make,

    /// <summary>Give one another name.</summary>
    Rename,

    /// <summary>Let one take no more events.</summary>
    Archive,

    /// <summary>Take one back from the archive.</summary>
    Restore,

    /// <summary>Delete one with everything in it.</summary>
    Delete,
}

/// <summary>List or change the projects of the running cluster.</summary>
internal sealed record ProjectsInvocation : Invocation
{
    /// <summary>What to do.</summary>
    public ProjectsAction Action { get; init; }

    /// <summary>The id of the project; empty for all.</summary>
    public string Id { get; init; } = "";

    /// <summary>The project's name; null for its id.</summary>
    public string? Name { get; init; }

    /// <summary>The data directory of the running cluster.</summary>
    public string Data { get; init; } = ".data";
}
