using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Sessions.Gateway.Api;

/// <summary>Reads ids out of paths.</summary>
internal static class PathText
{
    /// <summary>
    /// A part of the path as the caller encoded it: a route's own value leaves a slash encoded, and nothing else. A path
    /// can't carry every id: <c>.</c> and <c>..</c> are taken out on the way, and some proxies decode a slash. So each
    /// call that takes an id in its path has a form that takes it in its query.
    /// </summary>
    /// <param name="context">The request.</param>
    /// <param name="partsAfter">How many parts of the path follow it.</param>
    public static string Part(HttpContext context, int partsAfter)
    {
        string target = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        string[] parts = target.Split('?', 2)[0].TrimEnd('/').Split('/');
        return Uri.UnescapeDataString(parts[^(1 + partsAfter)]);
    }
}
