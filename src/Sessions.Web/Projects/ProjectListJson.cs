using System.ComponentModel;
using System.Text.Json.Serialization;
using Sessions.Web.Api;

namespace Sessions.Web.Projects;

/// <summary>A project, as the operator's list has it.</summary>
[Description("A project. An archived one takes no events; everything in it can be read.")]
internal sealed record ListedProjectJson(string Id, string Name, bool Archived, DateTimeOffset CreatedAt);

/// <summary>A project that was made, with its secrets.</summary>
[Description("A project that was made, with its secrets. postgres_reader is null when the server may not create roles in Postgres.")]
internal sealed record NewProjectJson(string Id, string Token, string ApiKey, string? PostgresReader);

/// <summary>A project to make, as the API takes it.</summary>
/// <param name="Id">The id.</param>
/// <param name="Name">The name that people read; absent for the id.</param>
[Description("A project to make.")]
internal sealed record ProjectToMakeJson(
    [property: Description("1 to 40 characters of a-z 0-9 - _.")] string Id,
    [property: Description("What people call it; the id when it is absent.")] string? Name = null);

/// <summary>A change of a project, as the API takes it.</summary>
/// <param name="Name">The new name.</param>
/// <param name="Archived">Whether the project takes no events.</param>
[Description("What to change; absent members stay.")]
internal sealed record ProjectPatchJson(
    [property: Description("What people call it.")] string? Name = null,
    [property: Description("Whether the project takes no events.")] bool? Archived = null);

/// <summary>The confirmation of a project's deletion, as the API takes it.</summary>
/// <param name="Confirm">The project's id.</param>
[Description("The confirmation of a project's deletion.")]
internal sealed record ProjectToDeleteJson(
    [property: Description("The id of the project, once more: everything in it is removed.")] string Confirm);

/// <summary>A project that is being deleted.</summary>
[Description("A project that is being deleted. Its id is free once everything of it is gone.")]
internal sealed record LeavingProjectJson(string Id, bool Deleting);

/// <summary>Reads and writes the records of the operator's projects.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, Converters = [typeof(TimeConverter)])]
[JsonSerializable(typeof(PageJson<ListedProjectJson>))]
[JsonSerializable(typeof(NewProjectJson))]
[JsonSerializable(typeof(ProjectToMakeJson))]
[JsonSerializable(typeof(ProjectPatchJson))]
[JsonSerializable(typeof(ProjectToDeleteJson))]
[JsonSerializable(typeof(LeavingProjectJson))]
internal sealed partial class ProjectListJsonContext : JsonSerializerContext;
