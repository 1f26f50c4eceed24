using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Sessions.Gateway.Access;

/// <summary>
/// A browser sends its cookie with whatever another site makes it ask for. So a call that changes something and comes
/// with the cookie must also bring the mark that only our own pages know. A program's key is proof enough by itself.
/// </summary>
internal static class FormMark
{
    /// <summary>The header in which a page's script sends the mark.</summary>
    public const string Header = "X-Form-Mark";

    /// <summary>Refuses such calls of the group that come without.</summary>
    public static RouteGroupBuilder RequireFormMark(this RouteGroupBuilder group)
    {
        group.AddEndpointFilter(async (invocation, next) =>
            await IsForged(invocation.HttpContext) ? Refusal() : await next(invocation));
        return group;
    }

    private static async Task<bool> IsForged(HttpContext context)
    {
        bool onlyReads = HttpMethods.IsGet(context.Request.Method) || HttpMethods.IsHead(context.Request.Method);
        return !onlyReads
            && context.User.Identity?.AuthenticationType == AccessSchemes.Cookie
            && !await context.RequestServices.GetRequiredService<IAntiforgery>().IsRequestValidAsync(context);
    }

    private static ProblemHttpResult Refusal() => TypedResults.Problem(
        statusCode: StatusCodes.Status400BadRequest,
        title: "The call does not come from our own pages.",
        detail: $"A call with a cookie needs the header {Header}. Programs send Authorization: Bearer API_KEY instead.");
}
