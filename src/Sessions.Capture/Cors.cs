using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace Sessions.Capture;

/// <summary>
/// The headers that let a page call a gateway on another origin. The framework's middleware does not fit: it answers
/// preflights with 204, which the proxies of some SDKs treat as a failure, and it adds no headers to refusals, so that
/// a page can't read their status.
/// </summary>
internal static class Cors
{
    /// <summary>Allows any origin: the token, which is public, decides what a page may do.</summary>
    public static void Allow(HttpContext context)
    {
        StringValues origin = context.Request.Headers.Origin;
        IHeaderDictionary headers = context.Response.Headers;
        headers.Vary = "Origin";
        if (StringValues.IsNullOrEmpty(origin))
        {
            return;
        }

        headers.AccessControlAllowOrigin = origin;
        headers.AccessControlAllowCredentials = "true";
        headers.AccessControlExposeHeaders = "Retry-After";
    }

    /// <summary>Answers a preflight.</summary>
    public static Task Preflight(HttpContext context)
    {
        Allow(context);
        IHeaderDictionary headers = context.Response.Headers;
        headers.AccessControlAllowMethods = "GET, POST, OPTIONS";
        headers.AccessControlMaxAge = "86400";
        if (context.Request.Headers.AccessControlRequestHeaders is { Count: > 0 } wanted)
        {
            headers.AccessControlAllowHeaders = wanted;
        }

        return CaptureAnswer.Ok(context);
    }
}
