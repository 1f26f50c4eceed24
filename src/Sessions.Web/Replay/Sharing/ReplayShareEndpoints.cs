using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Sessions.Queries.ReplayShares;
using Sessions.Web.Access;
using Sessions.Web.Api;

namespace Sessions.Web.Replay.Sharing;

/// <summary>Makes, lists and revokes the links to a session's recording.</summary>
internal static class ReplayShareEndpoints
{
    private const string Path = "/sessions/{id}/replay/share";
    private const string ExpiresIn = "expires_in_seconds";
    private const long MaxBodyBytes = 64 * 1024;

    public static void MapReplayShares(this IEndpointRouteBuilder api)
    {
        api.MapGet(Path, List).WithName("ListReplayShares").WithSummary("The links to a session's recording that work, without their addresses.")
            .Answers<PageJson<ReplayShareJson>>();
        api.MapPost(Path, Make).WithName("ShareReplay").RequireAuthorization(AccessSchemes.ApiAdminPolicy)
            .WithSummary("Makes a link that shows a session's recording without sign-in, until it expires or is revoked. Only this answer contains the link.")
            .Takes<ReplayShareRequestJson>().Produces<NewReplayShareJson>(StatusCodes.Status201Created)
            .ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status401Unauthorized)
            .ProducesProblem(StatusCodes.Status403Forbidden).ProducesProblem(StatusCodes.Status404NotFound)
            .ProducesProblem(StatusCodes.Status409Conflict).ProducesProblem(StatusCodes.Status503ServiceUnavailable);
        api.MapDelete(Path + "/{share}", Revoke).WithName("RevokeReplayShare").RequireAuthorization(AccessSchemes.ApiAdminPolicy)
            .WithSummary("Revokes a link to a session's recording. It works at no gateway any more.")
            .Produces(StatusCodes.Status204NoContent).ProducesProblem(StatusCodes.Status403Forbidden)
            .ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status400BadRequest)
            .ProducesProblem(StatusCodes.Status401Unauthorized).ProducesProblem(StatusCodes.Status503ServiceUnavailable);
    }

    private static async Task<IResult> List(string id, HttpContext context, ReplayShareQueries shares, CancellationToken cancellation)
    {
        if (!Guid.TryParseExact(id, "D", out Guid sessionId))
        {
            return ReplayEndpoints.WrongId();
        }

        IReadOnlyList<ReplayShare> all = await shares.GetAll(SessionKey.Create(context.User.Project(), sessionId), cancellation);
        return JsonAnswer.Of(
            new PageJson<ReplayShareJson>([.. all.Select(ReplayShareJson.Of)], Next: null), ReplayShareJsonContext.Default.PageJsonReplayShareJson);
    }

    private static async Task<IResult> Make(string id, HttpContext context, ReplayShares shares, CancellationToken cancellation)
    {
        if (!Guid.TryParseExact(id, "D", out Guid sessionId))
        {
            return ReplayEndpoints.WrongId();
        }

        RequestErrors fields = new();
        ReplayShareRequestJson? asked = await RequestBody.Read(
            context,
            fields,
            MaxBodyBytes,
            body => JsonBinding.Read(fields, "", body, ReplayShareJsonContext.Default.ReplayShareRequestJson),
            cancellation);
        if (asked is not null && fields.Whole(ExpiresIn, asked.ExpiresInSeconds ?? 0, 1, ReplayShares.MostSeconds) is { } seconds)
        {
            SessionKey session = SessionKey.Create(context.User.Project(), sessionId);
            MadeShare made = await shares.Make(context.User, session, seconds, cancellation);
            return !made.HasReplay ? ReplayEndpoints.NotFound()
                : made.Share is null ? TooMany()
                : JsonAnswer.Of(
                    new NewReplayShareJson(made.Share.Id, ReplayShares.AddressOf(made.Secret, context.Request), made.Share.ExpiresAt),
                    ReplayShareJsonContext.Default.NewReplayShareJson,
                    StatusCodes.Status201Created);
        }

        return fields.Problem!;
    }

    private static async Task<IResult> Revoke(string id, string share, HttpContext context, ReplayShares shares)
    {
        if (!Guid.TryParseExact(id, "D", out Guid sessionId))
        {
            return ReplayEndpoints.WrongId();
        }

        if (!Guid.TryParseExact(share, "D", out Guid shareId))
        {
            return RequestErrors.Refusal("share", "must be a link's id: a UUID of 36 characters");
        }

        return await shares.Revoke(context.User, SessionKey.Create(context.User.Project(), sessionId), shareId)
            ? TypedResults.NoContent()
            : TypedResults.Problem(statusCode: StatusCodes.Status404NotFound, title: "The recording has no such link, or it does not work any more.");
    }

    private static ProblemHttpResult TooMany() => TypedResults.Problem(
        statusCode: StatusCodes.Status409Conflict,
        title: "The recording has the most links allowed.",
        detail: $"A recording may have {ReplayShareQueries.Most} links that work. Revoke one that is not in use.");
}
