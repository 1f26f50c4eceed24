using System.Security.Claims;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Sessions.Postgres.Queries;

namespace Sessions.Gateway.Access;

/// <summary>What is done to a project, as its log has it.</summary>
/// <param name="Action">One of <see cref="AuditActions"/>.</param>
/// <param name="Subject">To what: an id, of a person its mark; null for the project itself.</param>
internal sealed record Act(string Action, string? Subject)
{
    /// <summary>More of it; nothing that names a person.</summary>
    public Dictionary<string, object?> Detail { get; } = [];
}

/// <summary>The names of what is logged.</summary>
internal static class AuditActions
{
    public const string KeyMade = "key.made";
    public const string KeyRevoked = "key.revoked";
    public const string SettingsChanged = "settings.changed";
    public const string ReplayDeleted = "replay.deleted";
    public const string SessionsExported = "sessions.exported";
    public const string EventsExported = "events.exported";
    public const string PersonExported = "person.exported";
    public const string PersonDeletionAsked = "person.deletion_asked";

    /// <summary>Written by the silo that brought a deletion to its end.</summary>
    public const string PersonDeleted = "person.deleted";

    /// <summary>All of them.</summary>
    public static IReadOnlyList<string> All { get; } =
    [
        KeyMade, KeyRevoked, SettingsChanged, ReplayDeleted, SessionsExported, EventsExported, PersonExported, PersonDeletionAsked, PersonDeleted,
    ];
}

/// <summary>
/// Writes the log of what was done to a project. A line is there before anything happens, and is told how that ended:
/// one that stays <c>begun</c> was cut off.
/// </summary>
internal sealed class Audit(AuditQueries queries, ProjectDirectory directory, ILogger<Audit> log)
{
    private const string Begun = "begun";
    private const string Done = "done";
    private const string Refused = "refused";
    private const string Failed = "failed";

    /// <summary>Does something and logs it.</summary>
    /// <param name="caller">Who.</param>
    /// <param name="act">What.</param>
    /// <param name="doIt">Does it.</param>
    /// <param name="isDone">Whether the answer says that it was done; else it was refused.</param>
    public async Task<T> Around<T>(ClaimsPrincipal caller, Act act, Func<Task<T>> doIt, Func<T, bool> isDone)
    {
        // What is about to happen is logged whether or not the caller still waits.
        long line = await queries.Add(caller.Project(), Record(caller, act, Begun), CancellationToken.None);
        try
        {
            T answer = await doIt();
            await End(line, isDone(answer) ? Done : Refused);
            return answer;
        }
        catch
        {
            await End(line, Failed);
            throw;
        }
    }

    /// <summary>The line of something that is done in the same transaction.</summary>
    public AuditRecord Record(ClaimsPrincipal caller, Act act) => Record(caller, act, Done);

    private AuditRecord Record(ClaimsPrincipal caller, Act act, string result)
    {
        KnownKey? key = caller.Key() is { } presented ? directory.FindKey(presented) : null;
        string actor = key is null ? "a key that is gone"
            : key.Name is null ? "the configured key"
            : $"{key.Name} (…{key.Ending})";
        return new AuditRecord(
            actor,
            key?.Id,
            caller.Identity?.AuthenticationType == AccessSchemes.Cookie ? "page" : "api",
            act.Action,
            act.Subject,
            act.Detail.Count == 0 ? null : JsonSerializer.Serialize(act.Detail),
            result);
    }

    private async Task End(long line, string result)
    {
        try
        {
            await queries.End(line, result, detail: null, CancellationToken.None);
        }
        catch (Exception failure) when (failure is not OutOfMemoryException)
        {
            // What was done is done.
            log.LogWarning("The log could not be told how line {Line} ended: {Result} ({Reason})", line, result, failure.Message);
        }
    }
}
