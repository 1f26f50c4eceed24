using System.Security.Claims;

namespace Sessions.Gateway.Access;

/// <summary>Who calls: a project, recognised by one of its API keys, and what that key may do.</summary>
internal static class Caller
{
    private const string ProjectClaim = "project";
    private const string KeyClaim = "key";

    /// <summary>The claim that says what the caller may do: one of <see cref="KeyRoles"/>.</summary>
    public const string RoleClaim = "role";

    /// <summary>The caller that presented a key.</summary>
    /// <param name="key">The key.</param>
    /// <param name="scheme">The way in.</param>
    public static ClaimsPrincipal Create(PresentedKey key, string scheme) => new(new ClaimsIdentity(
        [new Claim(ProjectClaim, key.Project), new Claim(KeyClaim, key.Mark), new Claim(RoleClaim, key.Role)], scheme));

    /// <summary>The caller's project.</summary>
    public static string Project(this ClaimsPrincipal caller) =>
        caller.FindFirstValue(ProjectClaim) ?? throw new InvalidOperationException("The caller has no project.");

    /// <summary>Whether the caller may change what the project is.</summary>
    public static bool IsAdmin(this ClaimsPrincipal caller) => caller.HasClaim(RoleClaim, KeyRoles.Admin);

    /// <summary>The key that was presented; null when the caller presented none.</summary>
    public static PresentedKey? Key(this ClaimsPrincipal caller) =>
        caller.FindFirstValue(ProjectClaim) is { } project
        && caller.FindFirstValue(KeyClaim) is { } mark
        && caller.FindFirstValue(RoleClaim) is { } role
            ? new PresentedKey(project, role, mark)
            : null;
}

/// <summary>A key that somebody presented and that is known.</summary>
/// <param name="Project">Whose it is.</param>
/// <param name="Role">What it may do: one of <see cref="KeyRoles"/>.</param>
/// <param name="Mark">Tells it from every other key without giving it away.</param>
public sealed record PresentedKey(string Project, string Role, string Mark);

/// <summary>What a key may do.</summary>
public static class KeyRoles
{
    /// <summary>Read everything of the project but its Orleans dashboard, which shows all projects.</summary>
    public const string Read = "read";

    /// <summary>Change settings, reset devices, make and revoke keys, and see the Orleans dashboard too.</summary>
    public const string Admin = "admin";

    /// <summary>All roles.</summary>
    public static IReadOnlyList<string> All { get; } = [Read, Admin];
}
