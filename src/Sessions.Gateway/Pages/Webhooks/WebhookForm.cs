using Microsoft.AspNetCore.Http;
using Sessions.Domain.Webhooks;
using Sessions.Postgres.Queries;

namespace Sessions.Gateway.Pages.Webhooks;

/// <summary>A webhook as somebody types it.</summary>
/// <param name="Url">Where it is told.</param>
/// <param name="Events">What it is told of.</param>
/// <param name="IsActive">Whether it is told at all.</param>
public sealed record WebhookForm(string Url, IReadOnlyList<string> Events, bool IsActive)
{
    /// <summary>What is wrong, by field.</summary>
    public IReadOnlyList<(string Field, string Fault)> Faults { get; init; } = [];

    /// <summary>One that nobody has typed anything into.</summary>
    public static WebhookForm New => new("", SessionHappenings.Names, IsActive: true);

    /// <summary>The same as the API takes it.</summary>
    public WebhookChange Change => new(Url.Trim(), Events, IsActive);

    public static WebhookForm Of(Webhook webhook) => new(webhook.Url, webhook.Events, webhook.IsActive);

    public static WebhookForm Of(IFormCollection form) => new(
        form["url"].ToString(),
        [.. form["events"].Where(name => name is not null).Select(name => name!)],
        form.ContainsKey("active"));

    /// <summary>What is wrong with a field; null when nothing is.</summary>
    public string? Fault(string field) => Faults.FirstOrDefault(fault => fault.Field == field).Fault;
}

/// <summary>What the page of all webhooks shows.</summary>
/// <param name="Webhooks">The project's webhooks.</param>
/// <param name="Form">The one that somebody makes.</param>
/// <param name="Secret">The secret of one that was made just now: the only time that it is shown.</param>
/// <param name="Said">What to say at the top; null for nothing.</param>
public sealed record WebhooksView(
    IReadOnlyList<Webhook> Webhooks, WebhookForm Form, string? Secret = null, string? Said = null);

/// <summary>What the page of one webhook shows.</summary>
/// <param name="Webhook">The webhook.</param>
/// <param name="Form">What somebody changes of it.</param>
/// <param name="Deliveries">A page of its deliveries.</param>
/// <param name="State">Which of them; null for all.</param>
/// <param name="Secret">A secret that was made just now: the only time that it is shown.</param>
/// <param name="Said">What to say at the top; null for nothing.</param>
public sealed record WebhookView(
    Webhook Webhook, WebhookForm Form, WebhookDeliveryPage Deliveries, string? State, string? Secret = null, string? Said = null);
