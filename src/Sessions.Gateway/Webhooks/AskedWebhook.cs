using System.Text.Json;
using Sessions.Gateway.Api;
using Sessions.Postgres.Queries;

namespace Sessions.Gateway.Webhooks;

/// <summary>Reads what somebody wants of a webhook, as JSON has it.</summary>
internal static class AskedWebhook
{
    public static WebhookChange Read(AskedFields fields, JsonElement body)
    {
        WebhookChange asked = new(null, null, null);
        if (body.ValueKind != JsonValueKind.Object)
        {
            fields.Refuse("body", "must be a JSON object");
            return asked;
        }

        foreach (JsonProperty field in body.EnumerateObject())
        {
            switch (field.Name)
            {
                case "url":
                    asked = asked with { Url = field.Value.ValueKind == JsonValueKind.String ? field.Value.GetString() : "" };
                    break;
                case "events":
                    // One that is no list of texts is as wrong as an empty one.
                    asked = asked with { Events = Texts(field.Value) };
                    break;
                case "active":
                    asked = asked with { IsActive = YesNo(fields, field.Value) };
                    break;
                default:
                    fields.Refuse(field.Name, "is no field of a webhook: its fields are url, events, active");
                    break;
            }
        }

        return asked;
    }

    private static string[] Texts(JsonElement list) =>
        list.ValueKind == JsonValueKind.Array && list.EnumerateArray().All(one => one.ValueKind == JsonValueKind.String)
            ? [.. list.EnumerateArray().Select(one => one.GetString()!)]
            : [];

    private static bool? YesNo(AskedFields fields, JsonElement value)
    {
        if (value.ValueKind is JsonValueKind.True or JsonValueKind.False)
        {
            return value.GetBoolean();
        }

        fields.Refuse("active", "must be true or false");
        return null;
    }
}
