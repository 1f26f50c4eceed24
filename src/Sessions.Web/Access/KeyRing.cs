using System.Security.Claims;
using Microsoft.Extensions.Options;
using Sessions.Domain;
using Sessions.Queries;

namespace Sessions.Web.Access;

/// <summary>Creates and revokes a project's keys. A change takes effect at this gateway at once.</summary>
internal sealed class KeyRing(
    ApiKeyQueries queries, ProjectDirectory directory, Audit audit, IOptions<AccessOptions> options, TimeProvider time)
{
    public const int MaxNameLength = 100;

    /// <summary>The most keys that a project may have beside the configured one.</summary>
    public int Most => options.Value.MaxKeys;

    public Task<IReadOnlyList<ListedKey>> GetAll(string project, CancellationToken cancellation) =>
        queries.GetAll(project, cancellation);

    /// <summary>
    /// Explains what is wrong with a key's name, as a phrase after the field's name; null when the name is valid.
    /// </summary>
    public static string? NameFault(string? name) =>
        string.IsNullOrWhiteSpace(name) || name.Length > MaxNameLength || !PlainText.IsPlain(name)
            ? $"must be a text of 1 to {MaxNameLength} characters"
            : null;

    /// <summary>
    /// Explains what is wrong with a role, as a phrase after the field's name; null when the role is valid.
    /// </summary>
    public static string? RoleFault(string? role) =>
        KeyRoles.All.Contains(role) ? null : $"must be one of {string.Join(", ", KeyRoles.All)}";

    /// <summary>
    /// Explains what is wrong with a key's end, as a phrase after the field's name; null when the end is valid.
    /// </summary>
    public string? EndFault(DateTimeOffset expiresAt) => expiresAt <= time.GetUtcNow() ? "must be in the future" : null;

    /// <summary>Creates a key; null when the project already has the most keys.</summary>
    /// <param name="caller">The caller.</param>
    /// <param name="name">The key's name.</param>
    /// <param name="role">The key's role.</param>
    /// <param name="expiresAt">When the key stops being valid; null for never.</param>
    /// <param name="cancellation">Ends the writing.</param>
    /// <returns>The key as it is listed, and the key itself, which can't be shown again.</returns>
    public async Task<(ListedKey Listed, NewKey Key)?> Make(
        ClaimsPrincipal caller, string name, string role, DateTimeOffset? expiresAt, CancellationToken cancellation)
    {
        NewKey key = NewKey.Make();
        ListedKey asked = new(Guid.CreateVersion7(), name.Trim(), role, key.Ending, CreatedAt: default, expiresAt, LastUsedAt: null);
        ListedKey? added = await audit.Around(
            caller,
            new Act(AuditActions.KeyMade, asked.Id.ToString()) { Detail = { ["name"] = asked.Name, ["role"] = role, ["ending"] = key.Ending, ["expires_at"] = expiresAt } },
            () => queries.Add(caller.Project(), asked, key.Sha256, Most, cancellation),
            made => made is not null);
        if (added is null)
        {
            return null;
        }

        await directory.Reread(cancellation);
        return (added, key);
    }

    /// <summary>Revokes a key; false when the project has no such key.</summary>
    public async Task<bool> Revoke(ClaimsPrincipal caller, Guid id, CancellationToken cancellation)
    {
        bool isRevoked = await audit.Around(
            caller,
            new Act(AuditActions.KeyRevoked, id.ToString()),
            () => queries.Delete(caller.Project(), id, cancellation),
            revoked => revoked);
        if (isRevoked)
        {
            await directory.Reread(cancellation);
        }

        return isRevoked;
    }
}
