using System.Security.Claims;
using Microsoft.Extensions.Options;
using Sessions.Domain;
using Sessions.Domain.Time;
using Sessions.Gateway.Access;
using Sessions.Grains;
using Sessions.Postgres.Queries;

namespace Sessions.Gateway.Api.Persons;

/// <summary>A person's deletion that was asked for, and the ids that it deletes.</summary>
internal sealed record AskedDeletion(ListedDeletion Deletion, IReadOnlyList<string> Ids);

/// <summary>Asks for the deletion of persons, for the API and for pages. Silos do it.</summary>
internal sealed class PersonDeleting(
    PersonQueries persons, Audit audit, IOptions<PersonOptions> options, TimeProvider time)
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(100);

    /// <summary>What a distinct id must be, to be read after the field's name. Any text that is not empty may be stored.</summary>
    public const string Expected = "must be a distinct id, and is empty";

    /// <summary>
    /// Asks for it, and waits for its end for a moment. Null when too many wait, or are refused already.
    /// </summary>
    public async Task<AskedDeletion?> Ask(ClaimsPrincipal caller, AskedId distinctId, CancellationToken cancellation)
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
                return new AskedDeletion(deletion, ids);
            }

            await looks.WaitForNextTickAsync(cancellation);
        }

        AuditRecord LogLine(Guid deletion) =>
            audit.Record(caller, new Act(AuditActions.PersonDeletionAsked, mark) { Detail = { ["deletion"] = deletion } });
    }
}
