using System.Security.Claims;
using System.Security.Cryptography;
using Microsoft.Extensions.Options;
using Sessions.Domain.Folding;
using Sessions.Domain.Webhooks;
using Sessions.Queries.Webhooks;
using Sessions.Web.Access;
using Sessions.Web.Api;

namespace Sessions.Web.Webhooks;

/// <summary>
/// Creates and changes a project's webhooks, for the API and for pages. The audit log records each change: a webhook sends
/// sessions to another server.
/// </summary>
internal sealed class ProjectWebhooks(
    WebhookQueries webhooks, WebhookDeliveryQueries deliveries, Audit audit, IOptions<WebhookOptions> options, TimeProvider time)
{
    /// <summary>The most webhooks that a project may have.</summary>
    public int Most => options.Value.MaxWebhooks;

    /// <summary>Checks a requested change and adds its faults to the fields.</summary>
    public void Check(RequestErrors fields, WebhookChange asked, bool isNew)
    {
        if ((isNew || asked.Url is not null) && WebhookTarget.Fault(asked.Url, options.Value.AllowPrivateTargets) is { } fault)
        {
            fields.Refuse("url", fault);
        }

        if (asked.Events is { } events && (events.Count == 0 || events.Except(SessionHappenings.Names).Any()))
        {
            fields.Refuse("events", $"must be a list of some of {string.Join(", ", SessionHappenings.Names)}");
        }
    }

    public Task<IReadOnlyList<Webhook>> GetAll(string project, CancellationToken cancellation) => webhooks.GetAll(project, cancellation);

    public Task<Webhook?> Get(string project, Guid id, CancellationToken cancellation) => webhooks.Get(project, id, cancellation);

    /// <summary>Creates a webhook; null when the project already has the most.</summary>
    /// <returns>The webhook, and its secret, which can't be shown again.</returns>
    public async Task<(Webhook Webhook, string Secret)?> Make(ClaimsPrincipal caller, WebhookChange asked, CancellationToken cancellation)
    {
        string secret = NewSecret();
        WebhookChange whole = new(asked.Url, [.. (asked.Events ?? SessionHappenings.Names).Distinct()], asked.IsActive ?? true);
        Webhook? made = await audit.Around(
            caller,
            new Act(AuditActions.WebhookMade, Subject: null) { Detail = { ["host"] = HostOf(asked) } },
            () => webhooks.Add(caller.Project(), whole, secret, Most, cancellation),
            added => added is not null,
            added => new() { ["webhook"] = added?.Id });
        return made is null ? null : (made, secret);
    }

    /// <summary>Changes a webhook; null when the project has no such webhook.</summary>
    public Task<Webhook?> Change(ClaimsPrincipal caller, Guid id, WebhookChange asked, CancellationToken cancellation) => audit.Around(
        caller,
        new Act(AuditActions.WebhookChanged, id.ToString()) { Detail = { ["host"] = HostOf(asked), ["active"] = asked.IsActive } },
        () => webhooks.Update(caller.Project(), id, asked, cancellation),
        changed => changed is not null);

    /// <summary>Deletes a webhook with its deliveries; false when the project has no such webhook.</summary>
    public Task<bool> Delete(ClaimsPrincipal caller, Guid id, CancellationToken cancellation) => audit.Around(
        caller,
        new Act(AuditActions.WebhookDeleted, id.ToString()),
        () => webhooks.Delete(caller.Project(), id, cancellation),
        deleted => deleted);

    /// <summary>Creates a new secret; null when the project has no such webhook.</summary>
    /// <returns>
    /// The secret, which can't be shown again, and the time until which the previous one is also valid.
    /// </returns>
    public async Task<(string Secret, DateTimeOffset FormerUntil)?> Rotate(ClaimsPrincipal caller, Guid id, CancellationToken cancellation)
    {
        string secret = NewSecret();
        DateTimeOffset? until = await audit.Around(
            caller,
            new Act(AuditActions.WebhookSecretChanged, id.ToString()),
            () => webhooks.Rotate(caller.Project(), id, secret, options.Value.SecretOverlap, cancellation),
            rotated => rotated is not null);
        return until is null ? null : (secret, until.Value);
    }

    /// <summary>Sends a test; null when the project has no such webhook, or it is not active.</summary>
    public async Task<Guid?> Test(ClaimsPrincipal caller, Guid id, CancellationToken cancellation)
    {
        DateTimeOffset now = time.GetUtcNow();
        Guid delivery = Guid.CreateVersion7(now);
        bool isQueued = await audit.Around(
            caller,
            new Act(AuditActions.WebhookTested, id.ToString()),
            () => deliveries.AddTest(caller.Project(), id, delivery, now, cancellation),
            queued => queued);
        return isQueued ? delivery : null;
    }

    public Task<WebhookDeliveryPage> GetDeliveries(Guid id, string? state, Guid? after, int limit, CancellationToken cancellation) =>
        deliveries.GetPage(id, state, after, limit, cancellation);

    /// <summary>Sends one dead delivery again, or all of them; returns their number.</summary>
    public Task<int> Redeliver(ClaimsPrincipal caller, Guid id, Guid? delivery, CancellationToken cancellation) => audit.Around(
        caller,
        new Act(AuditActions.WebhookRedelivered, id.ToString()) { Detail = { ["delivery"] = delivery } },
        () => deliveries.Redeliver(caller.Project(), id, delivery, cancellation),
        count => count > 0,
        count => new() { ["deliveries"] = count });

    private static string? HostOf(WebhookChange asked) =>
        Uri.TryCreate(asked.Url, UriKind.Absolute, out Uri? url) ? url.Host : null;

    private static string NewSecret() => WebhookSignature.WriteSecret(RandomNumberGenerator.GetBytes(WebhookSignature.KeyBytes));
}
