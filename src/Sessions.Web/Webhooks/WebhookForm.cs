using Microsoft.AspNetCore.Http;
using Sessions.Domain.Folding;
using Sessions.Queries.Webhooks;

namespace Sessions.Web.Webhooks;

/// <summary>A webhook in the form.</summary>
/// <param name="Url">Its address.</param>
/// <param name="Events">The events that it receives.</param>
/// <param name="IsActive">Whether it receives deliveries.</param>
public sealed record WebhookForm(string Url, IReadOnlyList<string> Events, bool IsActive)
{
    /// <summary>The faults, by field.</summary>
    public IReadOnlyList<(string Field, string Fault)> Faults { get; init; } = [];

    /// <summary>The form of a new webhook.</summary>
    public static WebhookForm New => new("", SessionHappenings.Names, IsActive: true);

    /// <summary>The values in the form of the API.</summary>
    public WebhookChange Change => new(Url.Trim(), Events, IsActive);

    public static WebhookForm Of(Webhook webhook) => new(webhook.Url, webhook.Events, webhook.IsActive);

    public static WebhookForm Of(IFormCollection form) => new(
        form["url"].ToString(),
        [.. form["events"].Where(name => name is not null).Select(name => name!)],
        form.ContainsKey("active"));

    /// <summary>The faults with the ids of their fields.</summary>
    public IReadOnlyList<(string Field, string Text)> Summary =>
    [
        .. Faults.Select(fault => fault.Field switch
        {
            "url" => ("hook-url", $"Address {fault.Fault}."),
            "events" => ("hook-events", "Choose at least one event."),
            _ => ("new-title", fault.Fault),
        }),
    ];

    /// <summary>The fault of a field; null when it is valid.</summary>
    public string? Fault(string field) => Faults.FirstOrDefault(fault => fault.Field == field).Fault;
}

/// <summary>The data of the page with all webhooks.</summary>
/// <param name="Webhooks">The project's webhooks.</param>
/// <param name="Form">The form of a new webhook.</param>
/// <param name="Message">A message for the top of the page; null for none.</param>
public sealed record WebhooksView(IReadOnlyList<Webhook> Webhooks, WebhookForm Form, string? Message = null);

/// <summary>The data of the page of one webhook.</summary>
/// <param name="Webhook">The webhook.</param>
/// <param name="Form">The form that changes it.</param>
/// <param name="Deliveries">A page of its deliveries.</param>
/// <param name="State">The state of the listed deliveries; null for all.</param>
/// <param name="Secret">A new secret. This is the only time that it is shown.</param>
/// <param name="Message">A message for the top of the page; null for none.</param>
public sealed record WebhookView(
    Webhook Webhook, WebhookForm Form, WebhookDeliveryPage Deliveries, string? State, string? Secret = null, string? Message = null);
