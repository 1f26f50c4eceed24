namespace Sessions.Silo.PersonData;

/// <summary>A requested deletion of a person.</summary>
/// <param name="Id">The deletion's id.</param>
/// <param name="Project">The project.</param>
/// <param name="Ids">All distinct ids of the person.</param>
/// <param name="Until">Events up to this time are deleted.</param>
[GenerateSerializer, Immutable, Alias("sessions.person-deletion")]
public sealed record PersonDeletion(
    [property: Id(0)] Guid Id,
    [property: Id(1)] string Project,
    [property: Id(2)] IReadOnlyList<string> Ids,
    [property: Id(3)] DateTimeOffset Until);
