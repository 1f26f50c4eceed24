using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Sessions.Gateway.Access;

namespace Sessions.Gateway.Pages;

/// <summary>Signing in with the API key, and out again.</summary>
internal static class SignInEndpoints
{
    public static void MapSignIn(this IEndpointRouteBuilder endpoints)
    {
        RouteGroupBuilder group = endpoints.MapGroup("").ExcludeFromDescription();
        group.MapGet("/signin", ShowOrSignIn);
        group.MapPost("/signin", SignIn);
        group.MapPost("/signout", SignOut).RequireAuthorization(AccessSchemes.PagesPolicy);
    }

    private static Task<IResult> ShowOrSignIn(string? key, string? to, ProjectDirectory projects, HttpContext context) =>
        key is null
            ? Task.FromResult<IResult>(Page(to, isWrong: false))
            : Enter(key, to, projects, context);

    private static Task<IResult> SignIn(
        [FromForm] string? key, [FromForm] string? to, ProjectDirectory projects, HttpContext context) =>
        Enter(key ?? "", to, projects, context);

    private static async Task<IResult> Enter(string key, string? to, ProjectDirectory projects, HttpContext context)
    {
        if (projects.FindByApiKey(key.Trim()) is not { } known)
        {
            return Page(to, isWrong: true);
        }

        await context.SignInAsync(
            AccessSchemes.Cookie,
            Caller.Create(known, AccessSchemes.Cookie),
            new AuthenticationProperties { IsPersistent = true });
        return TypedResults.LocalRedirect(IsLocal(to) ? to! : "/");
    }

    private static async Task<IResult> SignOut([FromForm] string? to, HttpContext context)
    {
        await context.SignOutAsync(AccessSchemes.Cookie);
        return TypedResults.LocalRedirect(IsLocal(to) ? to! : "/signin");
    }

    private static RazorComponentResult<SignInPage> Page(string? to, bool isWrong) =>
        new(new { To = IsLocal(to) ? to : null, IsWrong = isWrong })
        {
            StatusCode = isWrong ? StatusCodes.Status401Unauthorized : StatusCodes.Status200OK,
        };

    /// <summary>Whether it leads to a page of ours: anything else could be somebody's trap in a link.</summary>
    private static bool IsLocal(string? to) =>
        to is ['/', ..] && !to.StartsWith("//", StringComparison.Ordinal) && !to.StartsWith("/\\", StringComparison.Ordinal)
        && !to.Any(char.IsControl);
}
