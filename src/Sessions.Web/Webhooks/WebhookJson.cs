using System.ComponentModel;
using System.Text.Json.Serialization;
using Sessions.Database.Webhooks;
using Sessions.Domain.Folding;
using Sessions.Queries.Webhooks;
using Sessions.Web.Api;

namespace Sessions.Web.Webhooks;

/// <summary>A webhook, as the API writes it. <c>waiting</c> and <c>dead</c> are 10,000 also where there are more.</summary>
[Description("A webhook. waiting and dead are 10,000 also where there are more.")]
internal record WebhookJson(
    Guid Id,
    string Url,
    [property: Words(typeof(SessionHappenings), nameof(SessionHappenings.Names))] IReadOnlyList<string> Events,
    bool Active,
    DateTimeOffset CreatedAt,
    int Failures,
    DateTimeOffset? GoneAt,
    DateTimeOffset? FormerSecretUntil,
    long Waiting,
    long Dead)
{
    public static WebhookJson Of(Webhook webhook) => new(
        webhook.Id, webhook.Url, webhook.Events, webhook.IsActive, webhook.CreatedAt, webhook.Failures, webhook.GoneAt,
        webhook.FormerSecretUntil, webhook.Waiting, webhook.Dead);
}

/// <summary>A webhook with its secret.</summary>
[Description("A webhook and its secret.")]
internal sealed record NewWebhookJson(
    Guid Id,
    string Url,
    IReadOnlyList<string> Events,
    bool Active,
    DateTimeOffset CreatedAt,
    int Failures,
    DateTimeOffset? GoneAt,
    DateTimeOffset? FormerSecretUntil,
    long Waiting,
    long Dead,
    [property: JsonPropertyOrder(1)] string Secret)
    : WebhookJson(Id, Url, Events, Active, CreatedAt, Failures, GoneAt, FormerSecretUntil, Waiting, Dead)
{
    public static NewWebhookJson Of(Webhook webhook, string secret) => new(
        webhook.Id, webhook.Url, webhook.Events, webhook.IsActive, webhook.CreatedAt, webhook.Failures, webhook.GoneAt,
        webhook.FormerSecretUntil, webhook.Waiting, webhook.Dead, secret);
}

/// <summary>A webhook to make, or what to change of one.</summary>
[Description("A webhook to make, or what to change of one.")]
internal sealed record WebhookRequestJson(
    string? Url = null,
    [property: Words(typeof(SessionHappenings), nameof(SessionHappenings.Names))] IReadOnlyList<string>? Events = null,
    bool? Active = null);

/// <summary>The delivery that carries a test.</summary>
[Description("The delivery that carries the test.")]
internal sealed record WebhookTestJson(Guid Delivery);

/// <summary>A delivery to a webhook, as the API writes it.</summary>
[Description("A delivery to a webhook.")]
internal sealed record WebhookDeliveryJson(
    Guid Id,
    [property: Words(typeof(WebhookDeliveryJson), nameof(WebhookDeliveryJson.Types))] string Type,
    Guid? SessionId,
    int Version,
    [property: Words(typeof(DeliveryStates), nameof(DeliveryStates.All))] string State,
    int Attempts,
    DateTimeOffset CreatedAt,
    DateTimeOffset? NextAttemptAt,
    DateTimeOffset? SettledAt,
    int? Status,
    string? Error)
{
    internal static IReadOnlyList<string> Types { get; } = [.. SessionHappenings.Names, WebhookPayload.Test];

    public static WebhookDeliveryJson Of(WebhookDelivery delivery) => new(
        delivery.Id, delivery.Type, delivery.SessionId, delivery.Version, delivery.State, delivery.Attempts, delivery.CreatedAt,
        delivery.NextAttemptAt, delivery.SettledAt, delivery.Status, delivery.Error);
}

/// <summary>How many deliveries are sent again.</summary>
[Description("How many are sent again.")]
internal sealed record RedeliveredJson(int Redelivered);

/// <summary>Reads and writes the records of webhooks.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, Converters = [typeof(TimeConverter)])]
[JsonSerializable(typeof(PageJson<WebhookJson>))]
[JsonSerializable(typeof(NewWebhookJson))]
[JsonSerializable(typeof(WebhookRequestJson))]
[JsonSerializable(typeof(WebhookTestJson))]
[JsonSerializable(typeof(PageJson<WebhookDeliveryJson>))]
[JsonSerializable(typeof(RedeliveredJson))]
internal sealed partial class WebhookJsonContext : JsonSerializerContext;
