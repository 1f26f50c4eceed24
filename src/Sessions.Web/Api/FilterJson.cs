using System.ComponentModel;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Sessions.Web.Api;

/// <summary>A value of a filter.</summary>
/// <param name="Text">The value as text; null when it is an object, a list, null or missing.</param>
/// <param name="IsNumber">Whether the caller wrote it as a number.</param>
internal readonly record struct FilterValue(string? Text, bool IsNumber = false);

/// <summary>
/// A filter as the API takes it. Only its types are checked: see <see cref="FilterCheck"/>.
/// </summary>
/// <param name="Key">The property; null when it is missing.</param>
/// <param name="Type"><c>session</c> or <c>event</c>; null means <c>session</c>.</param>
/// <param name="Operator">The operator; null means <c>exact</c>.</param>
/// <param name="Value">The value or the list of values; null when the operator takes none.</param>
[Description("A condition that must hold.")]
public sealed record FilterJson(
    [property: Description("A property of sessions; with the type event, a column or a property of events.")]
    string Key,
    [property: Description("What has the property. Missing or null: session.")]
    [property: Words(typeof(FilterJson), nameof(FilterJson.Types))]
    string? Type = null,
    [property: Description("How the property is compared. Missing or null: exact.")]
    [property: Words(typeof(OneFilterCheck), nameof(OneFilterCheck.OperatorNames))]
    string? Operator = null,
    [property: Description("A text, a number, true or false, or a list of them. is_set and is_not_set take none.")]
    JsonElement? Value = null)
{
    /// <summary>What filters are about.</summary>
    internal static IReadOnlyList<string> Types { get; } = ["session", "event"];

    /// <summary>Whether the operator only tests whether there is a value.</summary>
    internal bool TakesNoValue => Operator is "is_set" or "is_not_set";

    /// <summary>Whether the value is a list, which may have only one value.</summary>
    internal bool IsList => !TakesNoValue && Value is { ValueKind: JsonValueKind.Array };

    /// <summary>The values that the property is compared with.</summary>
    /// <exception cref="InvalidOperationException">A text contains a lone surrogate.</exception>
    internal IReadOnlyList<FilterValue> Values => TakesNoValue ? []
        : IsList ? [.. Value!.Value.EnumerateArray().Select(ValueOf)]
        : [ValueOf(Value ?? default)];

    /// <summary>Writes filters as the JSON text in the query string of the API.</summary>
    public static string ToText(IReadOnlyList<FilterJson> filters) =>
        JsonSerializer.Serialize(filters, FilterJsonContext.Default.IReadOnlyListFilterJson);

    /// <summary>The filters in such a text, which must be right; none in a missing one.</summary>
    public static IReadOnlyList<FilterJson> OfText(string? text) =>
        string.IsNullOrEmpty(text) ? [] : JsonSerializer.Deserialize(text, FilterJsonContext.Default.IReadOnlyListFilterJson) ?? [];

    /// <summary>A text as the value of a filter.</summary>
    internal static JsonElement ValueOf(string text) => JsonSerializer.SerializeToElement(text, FilterJsonContext.Default.String);

    /// <summary>A list of texts as the value of a filter.</summary>
    internal static JsonElement ValueOf(string[] texts) => JsonSerializer.SerializeToElement(texts, FilterJsonContext.Default.StringArray);

    private static FilterValue ValueOf(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => new FilterValue(value.GetString()),
        JsonValueKind.Number => new FilterValue(value.GetRawText(), IsNumber: true),
        JsonValueKind.True => new FilterValue("true"),
        JsonValueKind.False => new FilterValue("false"),
        _ => default,
    };
}

/// <summary>Reads and writes filters.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(IReadOnlyList<FilterJson>))]
[JsonSerializable(typeof(string[]))]
internal sealed partial class FilterJsonContext : JsonSerializerContext;
