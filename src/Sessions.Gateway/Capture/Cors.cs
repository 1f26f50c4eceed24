using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace Sessions.Gateway.Capture;

/// <summary>
/// What browsers must be told before they let a page talk to a gateway on another origin. Not the framework's
/// middleware: that answers preflights with 204, which some SDKs' proxies take for a failure, and says nothing on
/// refusals, whose status a page then can't read.
/// </summary>
internal static class Cors
{
    /// <summary>Lets any origin in: what a page may do is decided by its token, which is public.</summary>
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
