using System.Security.Claims;
using Microsoft.Extensions.Options;
using Sessions.Queries.SignIns;
using Sessions.Web.Access;

namespace Sessions.Web.SignIn;

/// <summary>Begins and ends sign-ins, and writes both to the audit log.</summary>
internal sealed class SignIns(
    SignInQueries queries, SignInTickets tickets, ProjectDirectory projects, Audit audit, IOptions<AccessOptions> options)
{
    /// <summary>Uses a ticket up; returns its key, or null when the ticket is not valid (any more).</summary>
    public async Task<PresentedKey?> FindByTicket(string ticket, CancellationToken cancellation) =>
        await tickets.Take(ticket, cancellation) is { } hash ? projects.FindByKeyHash(hash) ?? await projects.LookUpKeyHash(hash) : null;

    /// <summary>Begins a sign-in.</summary>
    public async Task<ClaimsPrincipal> Begin(PresentedKey key, CancellationToken cancellation)
    {
        Guid id = Guid.CreateVersion7();
        await queries.Begin(id, key.Owner, key.Mark, options.Value.SignInLongest, cancellation);
        ClaimsPrincipal caller = Caller.Create(key, id);
        await audit.Note(caller, new Act(AuditActions.SignedIn, Subject: null));
        return caller;
    }

    /// <summary>Ends the caller's sign-in, or all sign-ins with the same key.</summary>
    public async Task End(ClaimsPrincipal caller, bool everywhere, CancellationToken cancellation)
    {
        if (caller.Key() is { } key && caller.SignIn() is { } id)
        {
            int ended = await queries.End(key.Owner, key.Mark, everywhere ? null : id, cancellation);
            await audit.Note(caller, new Act(AuditActions.SignedOut, Subject: null) { Detail = { ["ended"] = ended } });
        }
    }
}
