using System.Security.Claims;

namespace Sessions.Web.Access;

/// <summary>The caller: a project, authenticated by one of its API keys, and the role of that key.</summary>
internal static class Caller
{
    private const string ProjectClaim = "project";
    private const string KeyClaim = "key";
    private const string SignInClaim = "signin";

    /// <summary>The claim with the caller's role: one of <see cref="KeyRoles"/>.</summary>
    public const string RoleClaim = "role";

    /// <summary>Creates the caller that presented a key.</summary>
    /// <param name="key">The key.</param>
    /// <param name="scheme">The authentication scheme.</param>
    public static ClaimsPrincipal Create(PresentedKey key, string scheme) => new(new ClaimsIdentity(
        [new Claim(ProjectClaim, key.Project), new Claim(KeyClaim, key.Mark), new Claim(RoleClaim, key.Role)], scheme));

    /// <summary>Creates the caller that signed in to the pages.</summary>
    /// <param name="key">The key.</param>
    /// <param name="signIn">The id of the sign-in.</param>
    public static ClaimsPrincipal Create(PresentedKey key, Guid signIn)
    {
        ClaimsPrincipal caller = Create(key, AccessSchemes.Cookie);
        ((ClaimsIdentity)caller.Identity!).AddClaim(new Claim(SignInClaim, signIn.ToString()));
        return caller;
    }

    /// <summary>The id of the caller's sign-in; null for a caller that sends its key with each request.</summary>
    public static Guid? SignIn(this ClaimsPrincipal caller) =>
        Guid.TryParse(caller.FindFirstValue(SignInClaim), out Guid id) ? id : null;

    /// <summary>The caller's project.</summary>
    public static string Project(this ClaimsPrincipal caller) =>
        caller.FindFirstValue(ProjectClaim) ?? throw new InvalidOperationException("The caller has no project.");

    /// <summary>Whether the caller may change the project.</summary>
    public static bool IsAdmin(this ClaimsPrincipal caller) => caller.HasClaim(RoleClaim, KeyRoles.Admin) || caller.IsOperator();

    /// <summary>Whether the caller may make and change projects.</summary>
    public static bool IsOperator(this ClaimsPrincipal caller) => caller.HasClaim(RoleClaim, KeyRoles.Operator);

    /// <summary>The key that was presented; null when the caller presented none.</summary>
    public static PresentedKey? Key(this ClaimsPrincipal caller) =>
        caller.FindFirstValue(ProjectClaim) is { } project
        && caller.FindFirstValue(KeyClaim) is { } mark
        && caller.FindFirstValue(RoleClaim) is { } role
            ? new PresentedKey(project, role, mark)
            : null;
}

/// <summary>A valid key that a caller presented.</summary>
/// <param name="Project">The key's project; for the operator's key the one that the caller chose.</param>
/// <param name="Role">Its role: one of <see cref="KeyRoles"/>.</param>
/// <param name="Mark">Identifies the key without revealing it.</param>
public sealed record PresentedKey(string Project, string Role, string Mark)
{
    /// <summary>The project that the key belongs to; null for the operator's key.</summary>
    internal string? Owner => Role == KeyRoles.Operator ? null : Project;
}

/// <summary>The roles of keys.</summary>
public static class KeyRoles
{
    /// <summary>Read everything of the project.</summary>
    public const string Read = "read";

    /// <summary>Change settings, reset devices, create and revoke keys.</summary>
    public const string Admin = "admin";

    /// <summary>
    /// The role of the operator's key: make, archive and delete projects, be an admin in each, and open the Orleans
    /// dashboard.
    /// </summary>
    public const string Operator = "operator";

    /// <summary>The roles of a project's own keys.</summary>
    public static IReadOnlyList<string> All { get; } = [Read, Admin];
}
