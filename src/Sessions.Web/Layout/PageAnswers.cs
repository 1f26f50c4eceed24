using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Sessions.Web.Layout;

/// <summary>Answers with pages.</summary>
internal static class PageAnswers
{
    // Everything comes from this server alone. A page with a replay has a frame of this server, whose own policy lets
    // recorded pages load their pictures.
    private const string Security =
        "default-src 'self'; script-src 'self'; connect-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; "
        + "frame-ancestors 'none'; style-src 'self' 'unsafe-inline'; img-src 'self' data:";

    /// <summary>A page that reports a problem.</summary>
    public static RazorComponentResult<TroublePage> Trouble(
        int statusCode, string title, string text, string way = "/", string wayName = "Back to the first page") =>
        new(new { Title = title, Text = text, Way = way, WayName = wayName }) { StatusCode = statusCode };

    /// <summary>Sets the security headers of our pages, and forbids browsers to store them.</summary>
    public static async ValueTask<object?> Guard(EndpointFilterInvocationContext invocation, EndpointFilterDelegate next)
    {
        Protect(invocation.HttpContext);
        return await next(invocation);
    }

    /// <summary>Sets these headers on an answer.</summary>
    public static void Protect(HttpContext context)
    {
        IHeaderDictionary headers = context.Response.Headers;
        headers.ContentSecurityPolicy = Security;
        headers.XContentTypeOptions = "nosniff";
        headers.CacheControl = "no-store";
    }
}
