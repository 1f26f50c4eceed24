using System.Globalization;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Sessions.Web.Access;
using Sessions.Web.Layout;

namespace Sessions.Web.SignIn;

/// <summary>
/// Signs people in with the API key or with a link's one-time ticket, and out again. A key in an address does not sign in:
/// browsers and proxies would keep it.
/// </summary>
internal static class SignInEndpoints
{
    public static void MapSignIn(this IEndpointRouteBuilder endpoints)
    {
        RouteGroupBuilder group = endpoints.MapGroup("").ExcludeFromDescription();
        group.MapGet("/signin", ShowOrTakeTicket);
        group.MapPost("/signin", SignIn);
        group.MapPost("/signout", SignOut).RequireAuthorization(AccessSchemes.PagesPolicy);
        group.MapGet("/admins-only", AdminsOnly);
    }

    private static async Task<IResult> ShowOrTakeTicket(
        string? ticket, string? to, SignIns signIns, HttpContext context, CancellationToken cancellation)
    {
        if (string.IsNullOrEmpty(ticket))
        {
            return context.Request.Query.ContainsKey("key")
                ? Page(to, "A key in an address does not sign in, because browsers and proxies keep addresses. Enter it here.", StatusCodes.Status400BadRequest)
                : Page(to);
        }

        return await signIns.FindByTicket(ticket, cancellation) is { } key
            ? await Enter(key, to, signIns, context, cancellation)
            : Page(to, "This link was used already, or it is too old. Enter the API key, or start the server again for a new link.", StatusCodes.Status401Unauthorized);
    }

    private static async Task<IResult> SignIn(
        [FromForm] string? key, [FromForm] string? to, KeyCheck keys, SignIns signIns, HttpContext context, CancellationToken cancellation)
    {
        CheckedKey found = await keys.Check((key ?? "").Trim(), context.Request);
        if (found.RetryAfter > TimeSpan.Zero)
        {
            string seconds = Math.Ceiling(found.RetryAfter.TotalSeconds).ToString(CultureInfo.InvariantCulture);
            context.Response.Headers.RetryAfter = seconds;
            return Page(to, $"Too many wrong keys came from your address. Try again in {seconds} seconds.", StatusCodes.Status429TooManyRequests);
        }

        return found.Key is { } known
            ? await Enter(known, to, signIns, context, cancellation)
            : Page(to, "This key is unknown. Check that you copied all of it.", StatusCodes.Status401Unauthorized);
    }

    private static async Task<IResult> Enter(
        PresentedKey key, string? to, SignIns signIns, HttpContext context, CancellationToken cancellation)
    {
        await context.SignInAsync(
            AccessSchemes.Cookie, await signIns.Begin(key, cancellation), new AuthenticationProperties { IsPersistent = true });
        return TypedResults.LocalRedirect(IsLocal(to) ? to! : "/");
    }

    private static async Task<IResult> SignOut(
        [FromForm] string? everywhere, [FromForm] string? to, SignIns signIns, HttpContext context, CancellationToken cancellation)
    {
        await signIns.End(context.User, everywhere == "true", cancellation);
        await context.SignOutAsync(AccessSchemes.Cookie);
        return TypedResults.LocalRedirect(IsLocal(to) ? to! : "/signin");
    }

    private static RazorComponentResult<TroublePage> AdminsOnly() => PageAnswers.Trouble(
        StatusCodes.Status403Forbidden,
        "Your key may not open this page.",
        "A read key may only look; the dashboard and the projects are for the operator's key. Sign out, then sign in with another key.");

    private static RazorComponentResult<SignInPage> Page(string? to, string? fault = null, int statusCode = StatusCodes.Status200OK) =>
        new(new { To = IsLocal(to) ? to : null, Fault = fault }) { StatusCode = statusCode };

    /// <summary>Whether the address is a page of ours. Any other address could be a trap in a link.</summary>
    private static bool IsLocal(string? to) =>
        to is ['/', ..] && !to.StartsWith("//", StringComparison.Ordinal) && !to.StartsWith("/\\", StringComparison.Ordinal)
        && !to.Any(char.IsControl);
}
