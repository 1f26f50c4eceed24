using System.Security.Claims;
using Microsoft.Extensions.Options;
using Sessions.Domain;
using Sessions.Postgres.Queries;

namespace Sessions.Gateway.Access;

/// <summary>Makes a project's keys and takes them back. What changes here holds at this gateway at once.</summary>
internal sealed class KeyRing(
    ApiKeyQueries queries, ProjectDirectory directory, Audit audit, IOptions<AccessOptions> options)
{
    public const int MaxNameLength = 100;

    /// <summary>The most keys a project may have beside the configured one.</summary>
    public int Most => options.Value.MaxKeys;

    public Task<IReadOnlyList<ListedKey>> GetAll(string project, CancellationToken cancellation) =>
        queries.GetAll(project, cancellation);

    /// <summary>What is wrong with a key's name, to be read after the field's name; null when nothing is.</summary>
    public static string? NameFault(string? name) =>
        string.IsNullOrWhiteSpace(name) || name.Length > MaxNameLength || !PlainText.IsPlain(name)
            ? $"must be a text of 1 to {MaxNameLength} characters"
            : null;

    /// <summary>What is wrong with a role, to be read after the field's name; null when nothing is.</summary>
    public static string? RoleFault(string? role) =>
        KeyRoles.All.Contains(role) ? null : $"must be one of {string.Join(", ", KeyRoles.All)}";

    /// <summary>Makes a key; null when the project has as many as it may have.</summary>
    /// <returns>The key as it is listed, and the key itself, which can't be seen again.</returns>
    public async Task<(ListedKey Listed, NewKey Key)?> Make(
        ClaimsPrincipal caller, string name, string role, CancellationToken cancellation)
    {
        NewKey key = NewKey.Make();
        ListedKey asked = new(Guid.CreateVersion7(), name.Trim(), role, key.Ending, default);
        ListedKey? added = await audit.Around(
            caller,
            new Act(AuditActions.KeyMade, asked.Id.ToString()) { Detail = { ["name"] = asked.Name, ["role"] = role, ["ending"] = key.Ending } },
            () => queries.Add(caller.Project(), asked, key.Sha256, Most, cancellation),
            made => made is not null);
        if (added is null)
        {
            return null;
        }

        await directory.Reread(cancellation);
        return (added, key);
    }

    /// <summary>Takes a key back; false when the project has no such key.</summary>
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
