using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Sessions.Web.Access;

/// <summary>
/// Protects against cross-site requests: a browser also sends its cookie with requests that another site triggers. So
/// a call that changes something and is authenticated by the cookie must also have the mark, which only our own pages
/// know. A program's API key needs no mark.
/// </summary>
internal static class FormMark
{
    /// <summary>The header in which a page's script sends the mark.</summary>
    public const string Header = "X-Form-Mark";

    /// <summary>Refuses calls of the group that need the mark and lack it.</summary>
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
        title: "The request does not come from a page of this gateway.",
        detail: $"A request with a cookie needs the header {Header}. Programs send Authorization: Bearer API_KEY instead.");
}
