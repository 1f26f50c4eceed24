using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace Sessions.Web.Layout;

/// <summary>
/// Gives people a page where an answer would have no content: an unknown address, a form that is too old. Programs get the
/// bare status.
/// </summary>
internal static class PageTroubles
{
    /// <summary>Adds the pages.</summary>
    public static void UsePageTroubles(this WebApplication app) => app.UseStatusCodePages(Show);

    /// <summary>Whether a person's browser asks for a page.</summary>
    public static bool IsOfPage(HttpRequest request) =>
        !request.Path.StartsWithSegments("/api")
        && request.Headers[HeaderNames.Accept].ToString().Contains("text/html", StringComparison.OrdinalIgnoreCase);

    private static async Task Show(StatusCodeContext answered)
    {
        HttpContext context = answered.HttpContext;
        if (!IsOfPage(context.Request) || HttpMethods.IsHead(context.Request.Method))
        {
            return;
        }

        PageAnswers.Protect(context);
        (string title, string text) = Words(context.Response.StatusCode);
        await PageAnswers.Trouble(context.Response.StatusCode, title, text).ExecuteAsync(context);
    }

    /// <summary>What a status means to a person.</summary>
    public static (string Title, string Text) Words(int status) => status switch
    {
        StatusCodes.Status400BadRequest =>
            ("The form can't be accepted.", "It may be too old, or its sign-in has ended. Open its page again and fill it in once more."),
        StatusCodes.Status404NotFound => ("There is no such page.", "The address may be mistyped, or what it showed may have been deleted."),
        StatusCodes.Status405MethodNotAllowed => ("This address can't be opened.", "Only a form or a program sends something here."),
        StatusCodes.Status413PayloadTooLarge => ("The form is too large.", "Shorten its texts and send it again."),
        StatusCodes.Status429TooManyRequests => ("Too many requests came from your address.", "Try again in a moment."),
        >= StatusCodes.Status500InternalServerError =>
            ("The gateway could not answer.", "It has noted the reason in its log. Try again in a moment."),
        _ => ("The gateway refused the request.", "Go back and try again."),
    };
}
