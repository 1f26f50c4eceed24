using Microsoft.Extensions.Options;
using Sessions.Domain;
using Sessions.Postgres.Queries;

namespace Sessions.Gateway.Access;

/// <summary>Makes a project's keys and takes them back. What changes here holds at this gateway at once.</summary>
internal sealed class KeyRing(ApiKeyQueries queries, ProjectDirectory directory, IOptions<AccessOptions> options)
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
        string project, string name, string role, CancellationToken cancellation)
    {
        NewKey key = NewKey.Make();
        ListedKey asked = new(Guid.CreateVersion7(), name.Trim(), role, key.Ending, default);
        if (await queries.Add(project, asked, key.Sha256, Most, cancellation) is not { } added)
        {
            return null;
        }

        await directory.Reread(cancellation);
        return (added, key);
    }

    /// <summary>Takes a key back; false when the project has no such key.</summary>
    public async Task<bool> Revoke(string project, Guid id, CancellationToken cancellation)
    {
        if (!await queries.Delete(project, id, cancellation))
        {
            return false;
        }

        await directory.Reread(cancellation);
        return true;
    }
}
