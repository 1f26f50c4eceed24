using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Sessions.Gateway.Pages;

/// <summary>Answers that people look at.</summary>
internal static class PageAnswers
{
    // Scripts come from here alone. What a recording shows is of other sites, so pictures and styles may come from there.
    private const string Security =
        "default-src 'self'; script-src 'self'; connect-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; "
        + "frame-ancestors 'none'; style-src 'self' 'unsafe-inline'; img-src 'self' data:";

    private const string SecurityOfRecordings =
        "default-src 'self'; script-src 'self'; connect-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; "
        + "frame-ancestors 'none'; frame-src 'self' about: blob:; style-src * 'unsafe-inline'; img-src * data: blob:; "
        + "font-src * data:; media-src * data: blob:";

    /// <summary>A page that failed to be what was asked for.</summary>
    public static RazorComponentResult<TroublePage> Trouble(
        int statusCode, string title, string text, string way = "/", string wayName = "To the first page") =>
        new(new { Title = title, Text = text, Way = way, WayName = wayName }) { StatusCode = statusCode };

    /// <summary>Says what browsers may load on our pages, and that they keep none of them.</summary>
    public static async ValueTask<object?> Guard(EndpointFilterInvocationContext invocation, EndpointFilterDelegate next)
    {
        HttpContext context = invocation.HttpContext;
        IHeaderDictionary headers = context.Response.Headers;
        headers.ContentSecurityPolicy = context.Request.Path.StartsWithSegments("/sessions") ? SecurityOfRecordings : Security;
        headers.XContentTypeOptions = "nosniff";
        headers.CacheControl = "no-store";
        return await next(invocation);
    }
}
