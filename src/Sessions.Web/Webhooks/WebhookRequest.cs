using System.Text.Json;
using Sessions.Queries.Webhooks;
using Sessions.Web.Api;

namespace Sessions.Web.Webhooks;

/// <summary>Reads the requested fields of a webhook from JSON.</summary>
internal static class WebhookRequest
{
    public static WebhookChange Read(RequestErrors fields, JsonElement body)
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
                    // A value that is not a list of texts is reported like an empty list.
                    asked = asked with { Events = Texts(field.Value) };
                    break;
                case "active":
                    asked = asked with { IsActive = YesNo(fields, field.Value) };
                    break;
                default:
                    fields.Refuse(field.Name, "is not a field of a webhook: the fields are url, events, active");
                    break;
            }
        }

        return asked;
    }

    private static string[] Texts(JsonElement list) =>
        list.ValueKind == JsonValueKind.Array && list.EnumerateArray().All(one => one.ValueKind == JsonValueKind.String)
            ? [.. list.EnumerateArray().Select(one => one.GetString()!)]
            : [];

    private static bool? YesNo(RequestErrors fields, JsonElement value)
    {
        if (value.ValueKind is JsonValueKind.True or JsonValueKind.False)
        {
            return value.GetBoolean();
        }

        fields.Refuse("active", "must be true or false");
        return null;
    }
}
