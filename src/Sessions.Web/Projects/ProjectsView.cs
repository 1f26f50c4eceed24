using Sessions.Queries;

namespace Sessions.Web.Projects;

/// <summary>The data of the operator's page of projects.</summary>
/// <param name="Projects">The projects, with their names.</param>
public sealed record ProjectsView(IReadOnlyList<(ListedProject Project, string Name)> Projects)
{
    /// <summary>The field with a new project's id.</summary>
    public const string NewId = "new-id";

    /// <summary>The field with a new project's name.</summary>
    public const string NewName = "new-name";

    /// <summary>A message for the top of the page; null for none.</summary>
    public string? Message { get; init; }

    /// <summary>A new project's id, token, API key and SQL login. This is the only time that they are shown.</summary>
    public (string Id, string Token, string ApiKey, string? PostgresReader)? Made { get; init; }

    /// <summary>The id that the user typed.</summary>
    public string Id { get; init; } = "";

    /// <summary>The name that the user typed.</summary>
    public string Name { get; init; } = "";

    /// <summary>What was not done, when something was wrong: a sentence.</summary>
    public string NotDone { get; init; } = "";

    /// <summary>What is wrong with what the user sent: the id of each field on the page, and a sentence.</summary>
    public IReadOnlyList<(string Field, string Text)> Faults { get; init; } = [];

    /// <summary>The text that the user typed in the field that is wrong, so that he can correct it.</summary>
    public string Typed { get; init; } = "";

    /// <summary>The id of the field with the name of a listed project.</summary>
    public static string NameField(string project) => $"name-{project}";

    /// <summary>The id of the field that confirms the deletion of a listed project.</summary>
    public static string ConfirmField(string project) => $"confirm-{project}";

    /// <summary>What is wrong with a field; null when it is valid.</summary>
    public string? Fault(string field) => Faults.FirstOrDefault(fault => fault.Field == field).Text;

    /// <summary>Whether there are more projects than the page shows.</summary>
    public bool IsCut { get; init; }
}
