using System.Security.Cryptography;
using Microsoft.Extensions.Options;
using Sessions.Domain.Webhooks;
using Sessions.Gateway.Api;
using Sessions.Postgres.Queries;

namespace Sessions.Gateway.Webhooks;

/// <summary>Makes and changes a project's webhooks, for the API and for pages.</summary>
internal sealed class ProjectWebhooks(
    WebhookQueries webhooks, WebhookDeliveryQueries deliveries, IOptions<WebhookOptions> options, TimeProvider time)
{
    /// <summary>The most webhooks a project may have.</summary>
    public int Most => options.Value.MaxWebhooks;

    /// <summary>Remembers what is wrong with what somebody wants.</summary>
    public void Check(AskedFields fields, WebhookChange asked, bool isNew)
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

    /// <summary>Makes a webhook; null when the project has as many as it may have.</summary>
    /// <returns>The webhook, and its secret, which can't be seen again.</returns>
    public async Task<(Webhook Webhook, string Secret)?> Make(string project, WebhookChange asked, CancellationToken cancellation)
    {
        string secret = NewSecret();
        WebhookChange whole = new(asked.Url, [.. (asked.Events ?? SessionHappenings.Names).Distinct()], asked.IsActive ?? true);
        return await webhooks.Add(project, whole, secret, Most, cancellation) is { } made ? (made, secret) : null;
    }

    /// <summary>Changes a webhook; null when the project has no such.</summary>
    public Task<Webhook?> Change(string project, Guid id, WebhookChange asked, CancellationToken cancellation) =>
        webhooks.Update(project, id, asked, cancellation);

    /// <summary>Deletes a webhook with its deliveries; false when the project has no such.</summary>
    public Task<bool> Delete(string project, Guid id, CancellationToken cancellation) => webhooks.Delete(project, id, cancellation);

    /// <summary>Makes a new secret; null when the project has no such webhook.</summary>
    /// <returns>The secret, which can't be seen again, and until when the one before is valid too.</returns>
    public async Task<(string Secret, DateTimeOffset FormerUntil)?> Rotate(string project, Guid id, CancellationToken cancellation)
    {
        string secret = NewSecret();
        return await webhooks.Rotate(project, id, secret, options.Value.SecretOverlap, cancellation) is { } until ? (secret, until) : null;
    }

    /// <summary>Sends a test; null when the project has no such webhook, or it is not active.</summary>
    public async Task<Guid?> Test(string project, Guid id, CancellationToken cancellation)
    {
        DateTimeOffset now = time.GetUtcNow();
        Guid delivery = Guid.CreateVersion7(now);
        return await deliveries.AddTest(project, id, delivery, now, cancellation) ? delivery : null;
    }

    public Task<WebhookDeliveryPage> GetDeliveries(Guid id, string? state, Guid? after, int limit, CancellationToken cancellation) =>
        deliveries.GetPage(id, state, after, limit, cancellation);

    /// <summary>Sends a dead delivery again, or all of them; returns how many there were.</summary>
    public Task<int> Redeliver(string project, Guid id, Guid? delivery, CancellationToken cancellation) =>
        deliveries.Redeliver(project, id, delivery, cancellation);

    private static string NewSecret() => WebhookSignature.WriteSecret(RandomNumberGenerator.GetBytes(WebhookSignature.KeyBytes));
}
