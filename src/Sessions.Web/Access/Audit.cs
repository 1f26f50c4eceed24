using System.Security.Claims;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Sessions.Queries;
using Sessions.Queries.Persons;
using Sessions.Queries.ReplayShares;

namespace Sessions.Web.Access;

/// <summary>An action on a project, as the audit log records it.</summary>
/// <param name="Action">One of <see cref="AuditActions"/>.</param>
/// <param name="Subject">The id of the changed object; of a person its hash; null for the project itself.</param>
internal sealed record Act(string Action, string? Subject)
{
    /// <summary>Details. They never identify a person.</summary>
    public Dictionary<string, object?> Detail { get; } = [];
}

/// <summary>The names of the actions in the audit log.</summary>
internal static class AuditActions
{
    public const string ProjectMade = "project.made";
    public const string ProjectArchived = "project.archived";
    public const string ProjectRestored = "project.restored";
    public const string ProjectDeletionAsked = "project.deletion_asked";

    /// <summary>Written by the silo that completed a deletion.</summary>
    public const string ProjectDeleted = "project.deleted";

    public const string KeyMade = "key.made";
    public const string KeyRevoked = "key.revoked";
    public const string SignedIn = "signed_in";
    public const string SignedOut = "signed_out";
    public const string SettingsChanged = "settings.changed";
    public const string DeviceReset = "device.reset";
    public const string SqlRun = "sql.run";
    public const string WebhookMade = "webhook.made";
    public const string WebhookChanged = "webhook.changed";
    public const string WebhookDeleted = "webhook.deleted";
    public const string WebhookTested = "webhook.tested";
    public const string WebhookSecretChanged = "webhook.secret_changed";
    public const string WebhookRedelivered = "webhook.redelivered";
    public const string ReplayWatched = "replay.watched";
    public const string ReplayDeleted = "replay.deleted";
    public const string ReplayShared = "replay.shared";
    public const string ReplayShareRevoked = "replay.share_revoked";
    public const string SessionsExported = "sessions.exported";
    public const string EventsExported = "events.exported";
    public const string PersonExported = "person.exported";
    public const string PersonLookedUp = "person.looked_up";
    public const string PersonDeletionAsked = "person.deletion_asked";

    /// <summary>Written by the silo that completed a deletion.</summary>
    public const string PersonDeleted = "person.deleted";

    /// <summary>All actions.</summary>
    public static IReadOnlyList<string> All { get; } =
    [
        SignedIn, SignedOut, ProjectMade, ProjectArchived, ProjectRestored, ProjectDeletionAsked, ProjectDeleted, KeyMade, KeyRevoked, SettingsChanged, DeviceReset, SqlRun,
        WebhookMade, WebhookChanged, WebhookDeleted, WebhookTested, WebhookSecretChanged, WebhookRedelivered,
        ReplayWatched, ReplayDeleted, ReplayShared, ReplayShareRevoked, SessionsExported, EventsExported,
        PersonLookedUp, PersonExported, PersonDeletionAsked, PersonDeleted,
    ];
}

/// <summary>
/// Writes the audit log of a project. An entry is written before the action and gets the result after it. An entry
/// that stays <c>begun</c> was interrupted.
/// </summary>
internal sealed partial class Audit(AuditQueries queries, ProjectDirectory directory, ILogger<Audit> log)
{
    private const string Begun = "begun";
    private const string Done = "done";
    private const string Refused = "refused";
    private const string Failed = "failed";

    /// <summary>Logs an action and runs it.</summary>
    /// <param name="caller">The caller.</param>
    /// <param name="act">The action.</param>
    /// <param name="doIt">Runs the action.</param>
    /// <param name="isDone">Whether the answer means that the action succeeded; otherwise it was refused.</param>
    /// <param name="detail">Details that only the answer has; null for none.</param>
    public async Task<T> Around<T>(
        ClaimsPrincipal caller, Act act, Func<Task<T>> doIt, Func<T, bool> isDone, Func<T, Dictionary<string, object?>>? detail = null)
    {
        // The action is logged even when the caller has disconnected.
        long line = await queries.Add(caller.Project(), Record(caller, act, Begun), CancellationToken.None);
        try
        {
            T answer = await doIt();
            await End(line, isDone(answer) ? Done : Refused, detail?.Invoke(answer));
            return answer;
        }
        catch
        {
            await End(line, Failed, detail: null);
            throw;
        }
    }

    /// <summary>Logs an action that is done, or that can't fail.</summary>
    public Task Note(ClaimsPrincipal caller, Act act) =>
        queries.Add(caller.Project(), Record(caller, act, Done), CancellationToken.None);

    /// <summary>Logs an action of the operator on a project, which need not be the one that the caller chose.</summary>
    public Task Note(ClaimsPrincipal caller, string project, Act act) =>
        queries.Add(project, Record(caller, act, Done), CancellationToken.None);

    /// <summary>Logs that a visitor without a key watched a recording, by a link that one of the project's keys made.</summary>
    public Task NoteWatched(ReplayShare share)
    {
        Act act = new(AuditActions.ReplayWatched, share.Session.SessionId.ToString()) { Detail = { ["share"] = share.Id } };
        AuditRecord record = new("a shared link", ActorKey: null, "page", act.Action, act.Subject, Text(act.Detail), Done);
        return queries.Add(share.Session.Project, record, CancellationToken.None);
    }

    /// <summary>The entry of an action that is logged in its own transaction.</summary>
    public AuditRecord Record(ClaimsPrincipal caller, Act act) => Record(caller, act, Done);

    private AuditRecord Record(ClaimsPrincipal caller, Act act, string result)
    {
        KnownKey? key = KeyOf(caller);
        return new AuditRecord(
            NameOf(key),
            key?.Id,
            caller.Identity?.AuthenticationType == AccessSchemes.Cookie ? "page" : "api",
            act.Action,
            act.Subject,
            Text(act.Detail),
            result);
    }

    /// <summary>What people call the caller's key.</summary>
    public string NameOf(ClaimsPrincipal caller) => NameOf(KeyOf(caller));

    private KnownKey? KeyOf(ClaimsPrincipal caller) => caller.Key() is { } presented ? directory.FindKey(presented) : null;

    private static string NameOf(KnownKey? key) => key is null ? "a deleted key"
        : key.Project is null ? "the operator"
        : key.Name is null ? "the configured key"
        : $"{key.Name} (…{key.Ending})";

    private static string? Text(Dictionary<string, object?>? detail) =>
        detail is { Count: > 0 } ? JsonSerializer.Serialize(detail) : null;

    private async Task End(long line, string result, Dictionary<string, object?>? detail)
    {
        try
        {
            await queries.End(line, result, Text(detail), CancellationToken.None);
        }
        catch (Exception failure) when (failure is not OutOfMemoryException)
        {
            // The action can't be undone, so it counts as done.
            LogNotEnded(line, result, failure.Message);
        }
    }

    [LoggerMessage(4020, LogLevel.Warning, "The result of entry {Line} of the audit log could not be written ({Reason}). It is '{Result}', and the entry keeps 'begun'. "
        + "Check that Postgres runs; note the result if you need a complete audit log.")]
    private partial void LogNotEnded(long line, string result, string reason);
}
