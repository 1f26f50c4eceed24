using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http;

namespace Sessions.Web.Layout;

/// <summary>Writes a problem as a page when a person's browser asked for one. Programs get <c>application/problem+json</c>.</summary>
internal sealed class PageProblems : IProblemDetailsWriter
{
    /// <inheritdoc/>
    public bool CanWrite(ProblemDetailsContext context) => PageTroubles.IsOfPage(context.HttpContext.Request);

    /// <inheritdoc/>
    public async ValueTask WriteAsync(ProblemDetailsContext context)
    {
        int status = context.ProblemDetails.Status ?? context.HttpContext.Response.StatusCode;
        // ASP.NET's own words about an exception tell people nothing.
        bool isOurs = context.HttpContext.Features.Get<IExceptionHandlerFeature>() is null && context.ProblemDetails.Title is not null;
        (string title, string text) = isOurs
            ? (context.ProblemDetails.Title!, context.ProblemDetails.Detail ?? "")
            : PageTroubles.Words(status);
        PageAnswers.Protect(context.HttpContext);
        await PageAnswers.Trouble(status, title, text).ExecuteAsync(context.HttpContext);
    }
}
