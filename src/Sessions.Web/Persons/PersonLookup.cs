using System.Security.Claims;
using Sessions.Domain.Events;
using Sessions.Queries.Persons;
using Sessions.Web.Access;

namespace Sessions.Web.Persons;

/// <summary>Looks persons up, for the API and for the page, and records it in the audit log.</summary>
internal sealed class PersonLookup(PersonQueries persons, Audit audit)
{
    /// <summary>The ids of a person, and how much is stored of them.</summary>
    public async Task<PersonSummary> Find(ClaimsPrincipal caller, RequestedId id, CancellationToken cancellation)
    {
        string mark = Convert.ToHexStringLower(await persons.GetMark(caller.Project(), id.Stored, cancellation));
        return await audit.Around(
            caller,
            new Act(AuditActions.PersonLookedUp, mark),
            () => persons.GetSummary(caller.Project(), id, cancellation),
            _ => true);
    }
}
