using System.Security.Claims;
using Microsoft.AspNetCore.Http;
using Sessions.Queries;
using Sessions.Queries.ReplayShares;
using Sessions.Web.Access;

namespace Sessions.Web.Replay.Sharing;

/// <summary>Makes and revokes links to recordings for the API and the pages, and notes it in the audit log.</summary>
internal sealed class ReplayShares(ReplayQueries replays, ReplayShareQueries shares, Audit audit)
{
    /// <summary>The longest life of a link in seconds: 30 days.</summary>
    public const int MostSeconds = 30 * 24 * 3600;

    /// <summary>The path of shared recordings; the secret follows.</summary>
    public const string Path = "/shared";

    private const string NoteOfLink = "share";

    /// <summary>Makes a link.</summary>
    /// <param name="caller">Who makes it.</param>
    /// <param name="session">The session.</param>
    /// <param name="seconds">How long it works.</param>
    /// <param name="cancellation">Cancels the look at the recording.</param>
    public async Task<MadeShare> Make(ClaimsPrincipal caller, SessionKey session, int seconds, CancellationToken cancellation)
    {
        IReadOnlyList<ReplayBlockRef> blocks = await replays.List(session, after: 0, cancellation);
        if (blocks.Count == 0)
        {
            return new MadeShare(HasReplay: false, Share: null, Secret: "");
        }

        return await audit.Around(
            caller,
            new Act(AuditActions.ReplayShared, session.SessionId.ToString()),
            async () => await shares.Add(
                session, blocks.Max(block => block.Number), audit.NameOf(caller), TimeSpan.FromSeconds(seconds), CancellationToken.None) is var (share, secret)
                    ? new MadeShare(HasReplay: true, share, secret)
                    : new MadeShare(HasReplay: true, Share: null, Secret: ""),
            made => made.Share is not null,
            made => made.Share is null ? [] : new() { ["share"] = made.Share.Id, ["expires_at"] = made.Share.ExpiresAt });
    }

    /// <summary>Revokes a link; false when the session has no such link that works.</summary>
    public Task<bool> Revoke(ClaimsPrincipal caller, SessionKey session, Guid share) => audit.Around(
        caller,
        new Act(AuditActions.ReplayShareRevoked, session.SessionId.ToString()) { Detail = { ["share"] = share } },
        () => shares.Revoke(session, share, CancellationToken.None),
        revoked => revoked);

    /// <summary>The complete address of a link.</summary>
    public static string AddressOf(string secret, HttpRequest request) => $"{request.Scheme}://{request.Host}{Path}/{secret}";

    /// <summary>Leaves a link that was made for the session's page, which shows it once.</summary>
    public static void LeaveLink(OneTimeNotes notes, HttpContext context, Guid session, string link) =>
        notes.Leave(context, NoteOfLink, link, PageOf(session));

    /// <summary>Takes the link that was left for the session's page; null when there is none.</summary>
    public static string? NewLink(OneTimeNotes notes, HttpContext context, Guid session) => notes.Take(context, NoteOfLink, PageOf(session));

    /// <summary>The address of a session's page.</summary>
    public static string PageOf(Guid session) => $"/sessions/{session}";
}

/// <summary>The result of making a link.</summary>
/// <param name="HasReplay">Whether the session has a recording.</param>
/// <param name="Share">The link; null when there is none.</param>
/// <param name="Secret">The secret in its address.</param>
internal sealed record MadeShare(bool HasReplay, ReplayShare? Share, string Secret);
