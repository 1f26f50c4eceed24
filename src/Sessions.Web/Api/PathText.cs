using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Sessions.Web.Api;

/// <summary>Reads ids from paths.</summary>
internal static class PathText
{
    /// <summary>
    /// Returns a part of the path, decoded once: the route's own value keeps an encoded slash. A path can't carry
    /// every id: HTTP software removes <c>.</c> and <c>..</c>, and some proxies decode a slash. So each call with an
    /// id in its path has a form with the id in its query.
    /// </summary>
    /// <param name="context">The request.</param>
    /// <param name="partsAfter">How many parts follow it in the path.</param>
    public static string Part(HttpContext context, int partsAfter)
    {
        string target = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        string[] parts = target.Split('?', 2)[0].TrimEnd('/').Split('/');
        return Uri.UnescapeDataString(parts[^(1 + partsAfter)]);
    }
}
