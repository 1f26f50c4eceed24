using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Sessions.Web.Access;

/// <summary>
/// Refuses what a page loads as a picture, a style, a frame or another part of itself. Any page can make a browser do
/// that, and the browser may add its user's cookie. Our pages load such parts only from the addresses of assets.
/// </summary>
internal static class EmbeddedRequests
{
    /// <summary>The header in which a browser says what it wants an answer for.</summary>
    public const string Header = "Sec-Fetch-Dest";

    /// <summary>Refuses such requests of the group. A program with an API key is not asked, and neither is an old browser.</summary>
    public static RouteGroupBuilder RefuseEmbedding(this RouteGroupBuilder group)
    {
        group.AddEndpointFilter(async (invocation, next) => IsEmbedded(invocation.HttpContext) ? Refusal() : await next(invocation));
        return group;
    }

    // "document" is a page that a person opens, "empty" a call of a script. Everything else is a part of a page.
    private static bool IsEmbedded(HttpContext context) =>
        context.User.Identity?.AuthenticationType != AccessSchemes.ApiKey
        && context.Request.Headers[Header].ToString() is not ("" or "document" or "empty");

    private static ProblemHttpResult Refusal() => TypedResults.Problem(
        statusCode: StatusCodes.Status403Forbidden,
        title: "This address is not a part of another page.",
        detail: $"The browser's header {Header} says that a page loads it as a picture, a style, a frame or the like. Open it on its own.");
}
