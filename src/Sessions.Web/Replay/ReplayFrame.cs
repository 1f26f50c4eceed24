using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Sessions.Web.Replay;

/// <summary>
/// The empty page in which the script of a replay puts the player, as a document with an opaque origin. That document takes
/// over this page's policy, so this policy says what a recorded page may load. No other page of ours loads anything from
/// elsewhere.
/// </summary>
internal static class ReplayFrame
{
    /// <summary>Its address.</summary>
    public const string Address = "/replay/frame";

    // The policy lets the frame lead to the player's document and nowhere else, not even to our own pages. Connections
    // and forms are for scripts and people; a recorded page has neither.
    private const string Closed =
        "default-src 'none'; script-src 'self'; frame-src data:; connect-src 'none'; object-src 'none'; base-uri 'none'; form-action 'none'; "
        + "frame-ancestors 'self'";

    private const string WithPictures =
        Closed + "; style-src * 'unsafe-inline'; img-src * data: blob:; font-src * data:; media-src * data: blob:";

    // Recordings contain most styles and some pictures themselves.
    private const string WithoutPictures =
        Closed + "; style-src 'self' 'unsafe-inline'; img-src data: blob:; font-src data:; media-src data: blob:";

    private const string Page = """
        <!DOCTYPE html>
        <html lang="en">
        <head>
          <meta charset="utf-8">
          <meta name="color-scheme" content="light dark">
          <title>Player</title>
          <style>html, body { height: 100%; margin: 0; } iframe { display: block; width: 100%; height: 100%; border: 0; }</style>
        </head>
        <body></body>
        </html>
        """;

    /// <summary>Answers with the page. It loads pictures only for a viewer who wants them.</summary>
    public static ContentHttpResult Answer(string? pictures, HttpContext context)
    {
        context.Response.Headers.ContentSecurityPolicy = pictures == "always" ? WithPictures : WithoutPictures;
        return TypedResults.Content(Page, "text/html; charset=utf-8");
    }
}
