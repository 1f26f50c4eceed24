using System.Security.Claims;
using Microsoft.Extensions.Options;
using Sessions.Database.Persons;
using Sessions.Domain.Events;
using Sessions.Domain.Time;
using Sessions.Queries.Persons;
using Sessions.Web.Access;

namespace Sessions.Web.Persons;

/// <summary>A requested deletion of a person, and the ids that it deletes.</summary>
internal sealed record RequestedDeletion(ListedDeletion Deletion, IReadOnlyList<string> Ids);

/// <summary>Requests deletions of persons, for the API and for pages. Silos run them.</summary>
internal sealed class PersonDeleting(
    PersonQueries persons, Audit audit, IOptions<PersonOptions> options, TimeProvider time)
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(100);

    /// <summary>
    /// What a distinct id must be, as a phrase after the field's name. Every text that is not empty may be stored.
    /// </summary>
    public const string Expected = "must be a distinct id, and must not be empty";

    /// <summary>
    /// Requests a deletion, and waits a moment for its end. Null when the limit of waiting deletions or of refused ids
    /// is reached.
    /// </summary>
    public async Task<RequestedDeletion?> Ask(ClaimsPrincipal caller, RequestedId distinctId, CancellationToken cancellation)
    {
        string project = caller.Project();
        DateTimeOffset now = WholeMicroseconds.Of(time.GetUtcNow());
        string mark = Convert.ToHexStringLower(await persons.GetMark(project, distinctId.Stored, cancellation));
        if (await persons.Delete(project, distinctId, now, LogLine, cancellation) is not var (id, ids))
        {
            return null;
        }

        long asked = time.GetTimestamp();
        using PeriodicTimer looks = new(LookEvery, time);
        while (true)
        {
            ListedDeletion? deletion = await persons.FindDeletion(project, id, cancellation);
            if (deletion!.State == DeletionState.Done || time.GetElapsedTime(asked) >= options.Value.AnswerWithin)
            {
                return new RequestedDeletion(deletion, ids);
            }

            await looks.WaitForNextTickAsync(cancellation);
        }

        AuditRecord LogLine(Guid deletion) =>
            audit.Record(caller, new Act(AuditActions.PersonDeletionAsked, mark) { Detail = { ["deletion"] = deletion } });
    }
}
