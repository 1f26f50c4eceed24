using Sessions.Host;

namespace Sessions.Run.Projects;

/// <summary>Reads the arguments of <c>./run projects</c>.</summary>
internal static class ProjectsCommandLine
{
    /// <summary>The first argument.</summary>
    public const string CommandName = "projects";

    /// <summary>Reads the words and options. The options by themselves are right.</summary>
    /// <param name="words">The words behind the name of the command.</param>
    /// <param name="name">The value of <c>--name</c>; null without it.</param>
    /// <param name="confirm">The value of <c>--confirm</c>; null without it.</param>
    public static Invocation Read(string[] words, string? name, string? confirm)
    {
        // The library takes an unknown option for one more word.
        if (Array.Find(words, word => word.StartsWith("--", StringComparison.Ordinal)) is { } unknown)
        {
            return Wrong($"unknown argument '{unknown}' of {CommandName}; see --help");
        }

        if (words is not [var typed, .. var rest])
        {
            return Wrong($"{CommandName} needs an action: {Actions}");
        }

        if (!Enum.GetNames<ProjectsAction>().Contains(typed, StringComparer.OrdinalIgnoreCase) || typed.Any(char.IsUpper))
        {
            return Wrong($"{CommandName} has no action '{typed}', but {Actions}");
        }

        ProjectsInvocation asked = new() { Action = Enum.Parse<ProjectsAction>(typed, ignoreCase: true) };
        return FaultOfOptions(asked.Action, name, confirm) is { } fault ? Wrong(fault) : (asked.Action, rest) switch
        {
            (ProjectsAction.List, []) => asked,
            (ProjectsAction.List, [var more, ..]) => Wrong($"{CommandName} list takes nothing, not '{more}'"),
            (ProjectsAction.Rename, [var id, var newName]) => ProjectId.IsValid(id) ? asked with { Id = id, Name = newName } : NoId(id),
            (ProjectsAction.Rename, _) => Wrong($"{CommandName} rename needs a project and its new name: ./run projects rename shop \"The shop\""),
            (_, [var id]) => ProjectId.IsValid(id) ? Named(asked with { Id = id, Name = name }, confirm) : NoId(id),
            (_, []) => Wrong($"{CommandName} {typed} needs the id of a project: ./run projects {typed} shop"),
            (_, [_, var more, ..]) => Wrong($"{CommandName} {typed} takes one project, not also '{more}'"),
        };
    }

    private static string Actions => string.Join(", ", Enum.GetNames<ProjectsAction>().Select(action => action.ToLowerInvariant()));

    private static Invocation Named(ProjectsInvocation asked, string? confirm) => (asked.Action, confirm) switch
    {
        (ProjectsAction.Delete, null) => Wrong(
            $"projects delete removes everything in the project for good; to confirm, add --confirm {asked.Id}"),
        (ProjectsAction.Delete, { } typed) when typed != asked.Id => Wrong($"--confirm names '{typed}' and not the project '{asked.Id}'"),
        _ => asked,
    };

    private static string? FaultOfOptions(ProjectsAction action, string? name, string? confirm) =>
        name is not null && action != ProjectsAction.Make ? "--name is for projects make"
        : confirm is not null && action != ProjectsAction.Delete ? "--confirm is for projects delete"
        : null;

    private static Invocation.Wrong NoId(string id) =>
        Wrong($"'{id}' is not a valid project id: use 1 to {ProjectId.MaxLength} characters of a-z 0-9 - _");

    private static Invocation.Wrong Wrong(string reason) => new(reason);
}
