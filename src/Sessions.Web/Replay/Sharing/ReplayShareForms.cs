using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Sessions.Queries.ReplayShares;
using Sessions.Web.Access;
using Sessions.Web.Layout;

namespace Sessions.Web.Replay.Sharing;

/// <summary>The forms on a session's page that make and revoke links to its recording.</summary>
internal static class ReplayShareForms
{
    public static void MapReplayShareForms(this IEndpointRouteBuilder pages)
    {
        pages.MapPost("/sessions/{id:guid}/replay/share", Make).RequireAuthorization(AccessSchemes.PagesAdminPolicy);
        pages.MapPost("/sessions/{id:guid}/replay/share/revoke", Revoke).RequireAuthorization(AccessSchemes.PagesAdminPolicy);
    }

    private static async Task<IResult> Make(
        Guid id, IFormCollection form, HttpContext context, ReplayShares shares, OneTimeNotes notes, CancellationToken cancellation)
    {
        string page = ReplayShares.PageOf(id);
        if (!int.TryParse(form["expires_in_seconds"], NumberStyles.None, CultureInfo.InvariantCulture, out int seconds)
            || seconds is < 1 or > ReplayShares.MostSeconds)
        {
            return PageAnswers.Trouble(
                StatusCodes.Status400BadRequest, "No link was made.", "A link works for 1 second to 30 days.", page, "Back to the session");
        }

        MadeShare made = await shares.Make(context.User, SessionKey.Create(context.User.Project(), id), seconds, cancellation);
        if (!made.HasReplay)
        {
            return PageAnswers.Trouble(
                StatusCodes.Status404NotFound, "No link was made.", "The session does not exist or has no recording.", page, "Back to the session");
        }

        if (made.Share is null)
        {
            return PageAnswers.Trouble(
                StatusCodes.Status409Conflict,
                "No link was made.",
                $"A recording may have {ReplayShareQueries.Most} links that work. Revoke one that is not in use.",
                page,
                "Back to the session");
        }

        ReplayShares.LeaveLink(notes, context, id, ReplayShares.AddressOf(made.Secret, context.Request));
        return TypedResults.LocalRedirect($"{page}#share");
    }

    private static async Task<IResult> Revoke(Guid id, IFormCollection form, HttpContext context, ReplayShares shares)
    {
        if (Guid.TryParseExact(form["id"], "D", out Guid share))
        {
            await shares.Revoke(context.User, SessionKey.Create(context.User.Project(), id), share);
        }

        return TypedResults.LocalRedirect($"{ReplayShares.PageOf(id)}#share");
    }
}
