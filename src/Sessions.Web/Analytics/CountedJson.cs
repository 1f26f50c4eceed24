using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Sessions.Web.Api;

namespace Sessions.Web.Analytics;

/// <summary>
/// What a line of numbers counts, in the words of the API: see <see cref="CountedToken"/>. Its members have short names,
/// because every point of an answer has it in its address.
/// </summary>
/// <param name="Series">The series.</param>
/// <param name="Filters">The filters beside those of the series; null for none.</param>
/// <param name="TimeZone">The time zone in which the filters' times are read.</param>
/// <param name="Group">The group; null for none.</param>
internal sealed record CountedJson(
    [property: JsonPropertyName("s")] SeriesJson Series,
    [property: JsonPropertyName("f")] IReadOnlyList<FilterJson>? Filters,
    [property: JsonPropertyName("z")] string? TimeZone,
    [property: JsonPropertyName("g")] CountedGroupJson? Group)
{
    /// <summary>A second event whose occurrences count too; null for none.</summary>
    [JsonPropertyName("o")]
    public string? OrEvent { get; init; }
}

/// <summary>A group of a breakdown.</summary>
/// <param name="Property">The property whose values are the groups.</param>
/// <param name="PropertyType">Whose property it is: <c>event</c>, or null for the session's.</param>
internal sealed record CountedGroupJson(
    [property: JsonPropertyName("p")] string Property,
    [property: JsonPropertyName("t")] string? PropertyType)
{
    /// <summary>The group's value, null for a missing one; for the group of all others, the values of the other groups.</summary>
    [JsonPropertyName("v")]
    public IReadOnlyList<string?>? Values { get; init; }

    /// <summary>Whether it is the group of all others.</summary>
    [JsonPropertyName("o")]
    public bool? IsOfOthers { get; init; }

    /// <summary>Whether it is the group without a number, beside bins.</summary>
    [JsonPropertyName("n")]
    public bool? HasNoNumber { get; init; }

    /// <summary>The bin; null when it is none.</summary>
    [JsonPropertyName("b")]
    public CountedBinJson? Bin { get; init; }

    /// <summary>Whether the project's rules for paths rewrite the values.</summary>
    [JsonPropertyName("c")]
    public bool? HasCleanPaths { get; init; }
}

/// <summary>One of several bins of equal width.</summary>
internal sealed record CountedBinJson(
    [property: JsonPropertyName("l")] decimal Low,
    [property: JsonPropertyName("h")] decimal High,
    [property: JsonPropertyName("n")] int Count,
    [property: JsonPropertyName("i")] int Place);

/// <summary>Reads and writes what lines count.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(CountedJson))]
internal sealed partial class CountedJsonContext : JsonSerializerContext
{
    /// <summary>Without escaping for HTML: the JSON is part of an address only in another form.</summary>
    public static CountedJsonContext Short { get; } = new(new JsonSerializerOptions
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });
}
