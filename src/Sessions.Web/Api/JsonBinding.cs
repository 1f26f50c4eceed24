using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Sessions.Web.Api;

/// <summary>
/// Reads JSON into the record that the API's description shows. Unlike the serializer alone it names the field of a
/// fault: a member that the record doesn't have, or a value of another type.
/// </summary>
internal static class JsonBinding
{
    /// <summary>Returns the record, whose absent members are null. Returns null and adds the faults when there are any.</summary>
    /// <param name="errors">Collects the faults.</param>
    /// <param name="name">The value's name; empty for the body.</param>
    /// <param name="json">The value.</param>
    /// <param name="type">The record's type.</param>
    /// <exception cref="InvalidOperationException">A name contains a lone surrogate.</exception>
    /// <exception cref="JsonException">A text contains a lone surrogate.</exception>
    public static T? Read<T>(RequestErrors errors, string name, JsonElement json, JsonTypeInfo<T> type)
        where T : class
    {
        int known = errors.Faults.Count;
        Check(errors, name, json, type);
        return errors.Faults.Count == known ? json.Deserialize(type) : null;
    }

    private static void Check(RequestErrors errors, string name, JsonElement json, JsonTypeInfo type)
    {
        switch (type.Kind)
        {
            case JsonTypeInfoKind.Object when json.ValueKind == JsonValueKind.Object:
                CheckMembers(errors, name.Length == 0 ? "" : $"{name}.", json, type);
                break;
            case JsonTypeInfoKind.Enumerable when json.ValueKind == JsonValueKind.Array:
                JsonTypeInfo itemType = type.Options.GetTypeInfo(type.ElementType!);
                int index = 0;
                foreach (JsonElement item in json.EnumerateArray())
                {
                    Check(errors, $"{name}[{index++}]", item, itemType);
                }

                break;
            default:
                if (!IsOf(type, json))
                {
                    errors.Refuse(name.Length == 0 ? "body" : name, Expected(type));
                }

                break;
        }
    }

    private static void CheckMembers(RequestErrors errors, string prefix, JsonElement json, JsonTypeInfo type)
    {
        foreach (JsonProperty member in json.EnumerateObject())
        {
            if (type.Properties.FirstOrDefault(one => one.Name == member.Name) is not { } property)
            {
                errors.Refuse(prefix + member.Name, $"is not known: expected {string.Join(", ", type.Properties.Select(one => one.Name))}");
            }
            else if (member.Value.ValueKind != JsonValueKind.Null)
            {
                // Null is the same as absent.
                Check(errors, prefix + member.Name, member.Value, type.Options.GetTypeInfo(property.PropertyType));
            }
        }
    }

    private static bool IsOf(JsonTypeInfo type, JsonElement json) => Plain(type) switch
    {
        var plain when plain == typeof(JsonElement) => true,
        var plain when plain == typeof(string) => json.ValueKind == JsonValueKind.String,
        var plain when plain == typeof(bool) => json.ValueKind is JsonValueKind.True or JsonValueKind.False,
        var plain when plain == typeof(int) => json.ValueKind == JsonValueKind.Number && json.TryGetInt32(out _),
        _ => false,
    };

    private static string Expected(JsonTypeInfo type) => (type.Kind, Plain(type)) switch
    {
        (JsonTypeInfoKind.Object, _) => "must be a JSON object",
        (JsonTypeInfoKind.Enumerable, _) => "must be a JSON list",
        (_, var plain) when plain == typeof(string) => "must be a text",
        (_, var plain) when plain == typeof(bool) => "must be true or false",
        (_, var plain) when plain == typeof(int) => "must be a whole number",
        (_, var plain) => throw new NotSupportedException($"Requests have no {plain}."),
    };

    private static Type Plain(JsonTypeInfo type) => Nullable.GetUnderlyingType(type.Type) ?? type.Type;
}
