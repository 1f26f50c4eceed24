using System.ComponentModel;
using System.Text.Json;
using System.Text.Json.Serialization;
using Sessions.Queries;
using Sessions.Web.Access;
using Sessions.Web.Api;

namespace Sessions.Web.Keys;

/// <summary>An API key, as the API writes it. The configured key has no id.</summary>
[Description("An API key; the configured one has no id.")]
internal record KeyJson(
    Guid? Id,
    string Name,
    [property: Words(typeof(KeyRoles), nameof(KeyRoles.All))] string Role,
    string? Ending,
    DateTimeOffset CreatedAt,
    [property: Description("When the key stops being valid; null for never.")] DateTimeOffset? ExpiresAt,
    [property: Description("When the key was used last, to within a minute or so; null when it was not used yet.")] DateTimeOffset? LastUsedAt)
{
    public static KeyJson Of(ListedKey key) =>
        new(key.Id, key.Name, key.Role, key.Ending, key.CreatedAt, key.ExpiresAt, key.LastUsedAt);
}

/// <summary>A key that was made just now, with the key itself.</summary>
[Description("A key that was made, and the key itself.")]
internal sealed record NewKeyJson(
    Guid? Id,
    string Name,
    string Role,
    string? Ending,
    DateTimeOffset CreatedAt,
    DateTimeOffset? ExpiresAt,
    DateTimeOffset? LastUsedAt,
    [property: JsonPropertyOrder(1)] string Key)
    : KeyJson(Id, Name, Role, Ending, CreatedAt, ExpiresAt, LastUsedAt)
{
    public static NewKeyJson Of(ListedKey key, string secret) =>
        new(key.Id, key.Name, key.Role, key.Ending, key.CreatedAt, key.ExpiresAt, key.LastUsedAt, secret);
}

/// <summary>A key that somebody wants, as JSON has it.</summary>
/// <param name="Name">What people call it.</param>
/// <param name="Role">What it may do: <c>read</c> or <c>admin</c>.</param>
/// <param name="ExpiresAt">When it stops being valid: a time, or null for never.</param>
[Description("A key to make.")]
internal sealed record KeyRequestJson(
    [property: JsonConverter(typeof(TextOrNullConverter))] string? Name,
    [property: JsonConverter(typeof(TextOrNullConverter)), Words(typeof(KeyRoles), nameof(KeyRoles.All))] string? Role,
    [property: Description("When the key stops being valid, in ISO 8601; null or absent for never.")] JsonElement? ExpiresAt = null);

/// <summary>Reads and writes the records of keys.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, Converters = [typeof(TimeConverter)])]
[JsonSerializable(typeof(PageJson<KeyJson>))]
[JsonSerializable(typeof(NewKeyJson))]
[JsonSerializable(typeof(KeyRequestJson))]
internal sealed partial class KeyJsonContext : JsonSerializerContext;
