using System.Text.Json;
using Sessions.Gateway.Api;
using Sessions.Postgres.Queries;

namespace Sessions.Gateway.Webhooks;

/// <summary>Webhooks and deliveries as the API writes them.</summary>
internal static class WebhookJson
{
    public static void Write(Utf8JsonWriter json, Webhook webhook) => Write(json, webhook, secret: null);

    public static void Write(Utf8JsonWriter json, Webhook webhook, string? secret)
    {
        json.WriteStartObject();
        json.WriteString("id", webhook.Id);
        json.WriteString("url", webhook.Url);
        SessionJson.WriteList(json, "events", webhook.Events, (writer, one) => writer.WriteStringValue(one));
        json.WriteBoolean("active", webhook.IsActive);
        json.WriteString("created_at", PropertyText.Time(webhook.CreatedAt));
        json.WriteNumber("failures", webhook.Failures);
        WriteTime(json, "gone_at", webhook.GoneAt);
        WriteTime(json, "former_secret_until", webhook.FormerSecretUntil);
        json.WriteNumber("waiting", webhook.Waiting);
        json.WriteNumber("dead", webhook.Dead);
        if (secret is not null)
        {
            json.WriteString("secret", secret);
        }

        json.WriteEndObject();
    }

    public static void Write(Utf8JsonWriter json, WebhookDelivery delivery)
    {
        json.WriteStartObject();
        json.WriteString("id", delivery.Id);
        json.WriteString("type", delivery.Type);
        json.WriteString("session_id", delivery.SessionId?.ToString());
        json.WriteNumber("version", delivery.Version);
        json.WriteString("state", delivery.State);
        json.WriteNumber("attempts", delivery.Attempts);
        json.WriteString("created_at", PropertyText.Time(delivery.CreatedAt));
        WriteTime(json, "next_attempt_at", delivery.NextAttemptAt);
        WriteTime(json, "settled_at", delivery.SettledAt);
        json.WritePropertyName("status");
        SessionJson.WriteValue(json, delivery.Status);
        json.WriteString("error", delivery.Error);
        json.WriteEndObject();
    }

    private static void WriteTime(Utf8JsonWriter json, string name, DateTimeOffset? time) =>
        json.WriteString(name, time is { } known ? PropertyText.Time(known) : null);
}
