using System.Security.Claims;

namespace Sessions.Gateway.Access;

/// <summary>Who calls: a project, recognised by its API key.</summary>
internal static class Caller
{
    private const string ProjectClaim = "project";
    private const string KeyClaim = "key";

    /// <summary>The caller that presented the project's key.</summary>
    /// <param name="project">The project.</param>
    /// <param name="keyMark">Tells this key of the project from an earlier or later one.</param>
    /// <param name="scheme">The way in.</param>
    public static ClaimsPrincipal Create(string project, string keyMark, string scheme) =>
        new(new ClaimsIdentity([new Claim(ProjectClaim, project), new Claim(KeyClaim, keyMark)], scheme));

    /// <summary>The caller's project.</summary>
    public static string Project(this ClaimsPrincipal caller) =>
        caller.FindFirstValue(ProjectClaim) ?? throw new InvalidOperationException("The caller has no project.");

    /// <summary>The mark of the key that was presented.</summary>
    public static string? KeyMark(this ClaimsPrincipal caller) => caller.FindFirstValue(KeyClaim);
}
