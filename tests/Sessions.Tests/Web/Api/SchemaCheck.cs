using System.Text.Json.Nodes;

namespace Sessions.Tests.Web.Api;

/// <summary>Compares JSON with a schema of <c>/openapi/v1.json</c>: types, words, members, items.</summary>
internal sealed class SchemaCheck(JsonNode description)
{
    /// <summary>The schema itself, where another one only refers to it.</summary>
    public JsonObject Resolve(JsonNode schema) =>
        (string?)schema["$ref"] is { } reference
            ? Resolve(description["components"]!["schemas"]![reference.Split('/')[^1]]!)
            : schema.AsObject();

    /// <summary>Whether the schema is of an object, or of an object or null.</summary>
    public bool IsObject(JsonNode schema) =>
        (Resolve(schema) is var resolved && resolved["properties"] is not null) || (resolved["oneOf"]?.AsArray().Any(one => IsObject(one!)) ?? false);

    /// <summary>Where the value is not as the schema says; empty when it is.</summary>
    public IEnumerable<string> Faults(JsonNode schema, JsonNode? value, string place = "$")
    {
        JsonObject resolved = Resolve(schema);
        if ((resolved["oneOf"] ?? resolved["anyOf"]) is JsonArray alternatives)
        {
            return alternatives.Any(one => !Faults(one!, value, place).Any()) ? [] : [$"{place} is none of the alternatives: {value?.ToJsonString()}"];
        }

        string[] types = resolved["type"] switch
        {
            JsonArray several => [.. several.Select(type => (string)type!)],
            JsonValue one => [(string)one!],
            _ => [],
        };
        if (types.Length > 0 && !types.Any(type => Is(type, value)))
        {
            return [$"{place} must be {string.Join(" or ", types)}: {value?.ToJsonString() ?? "null"}"];
        }

        if (resolved["enum"] is JsonArray words && !words.Any(word => JsonNode.DeepEquals(word, value)))
        {
            return [$"{place} is no known word: {value?.ToJsonString() ?? "null"}"];
        }

        return value switch
        {
            JsonObject members when resolved["properties"] is JsonObject known => OfMembers(resolved, known, members, place),
            JsonArray items when resolved["items"] is { } item => items.SelectMany((one, at) => Faults(item, one, $"{place}[{at}]")),
            _ => [],
        };
    }

    private IEnumerable<string> OfMembers(JsonObject schema, JsonObject known, JsonObject members, string place) =>
    [
        .. (schema["required"]?.AsArray() ?? []).Select(name => (string)name!).Where(name => !members.ContainsKey(name))
            .Select(name => $"{place}.{name} is missing"),
        .. members.SelectMany(member => known[member.Key] is { } its
            ? Faults(its, member.Value, $"{place}.{member.Key}")
            : [$"{place}.{member.Key} is not described"]),
    ];

    private static bool Is(string type, JsonNode? value) => (type, value?.GetValueKind()) switch
    {
        ("null", null) => true,
        ("string", System.Text.Json.JsonValueKind.String) => true,
        ("boolean", System.Text.Json.JsonValueKind.True or System.Text.Json.JsonValueKind.False) => true,
        ("number", System.Text.Json.JsonValueKind.Number) => true,
        ("integer", System.Text.Json.JsonValueKind.Number) => (double)value! % 1 == 0,
        ("array", System.Text.Json.JsonValueKind.Array) => true,
        ("object", System.Text.Json.JsonValueKind.Object) => true,
        _ => false,
    };
}
