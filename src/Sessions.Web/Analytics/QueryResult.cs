using System.ComponentModel;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.OpenApi;
using Sessions.Database.Properties;
using Sessions.Web.Api;

namespace Sessions.Web.Analytics;

/// <summary>The result of a query. As JSON it is the answer of <c>POST /api/query</c>.</summary>
/// <param name="Lines">One line for each series or the formula, group and period.</param>
/// <param name="IsCut">
/// Whether it covers only the latest part of all time, because all time has too many points.
/// </param>
[Description("One line for each series or the formula, group and period. truncated: all time has more points than may be, these are the latest.")]
public sealed record QueryResult(
    [property: JsonPropertyName("results")] IReadOnlyList<QueryLine> Lines,
    [property: JsonPropertyName("truncated")]
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    bool IsCut = false)
{
    /// <summary>The lines of one series, by its position in the query, in the current or the previous period.</summary>
    public QueryLine? Of(int series, bool isPrevious = false) =>
        Lines.Where(line => line.IsPrevious == isPrevious).ElementAtOrDefault(series);
}

/// <summary>One line of a result.</summary>
[Description("A line of points.")]
public sealed record QueryLine
{
    /// <summary>The series.</summary>
    [JsonPropertyName("label")]
    public required string Label { get; init; }

    /// <summary>The group's value; null when there are no groups, or for sessions without a value.</summary>
    [JsonPropertyName("breakdown_value")]
    [JsonConverter(typeof(PropertyValueConverter))]
    public required object? Group { get; init; }

    /// <summary>The group's value as text.</summary>
    [JsonIgnore]
    public string? GroupText => Group switch
    {
        null => null,
        // Without trailing zeros, which a decimal keeps.
        decimal number => PropertyText.Write(number / 1.0000000000000000000000000000m),
        _ => PropertyText.Write(Group),
    };

    /// <summary>Its period as a word.</summary>
    [JsonPropertyName("compare")]
    public string Compare => IsPrevious ? "previous" : "current";

    /// <summary>The value in each bucket.</summary>
    [JsonPropertyName("data")]
    public required IReadOnlyList<double?> Points { get; init; }

    /// <summary>The start of each bucket.</summary>
    [JsonPropertyName("labels")]
    [JsonConverter(typeof(StartsConverter))]
    public required IReadOnlyList<DateTimeOffset> Starts { get; init; }

    /// <summary>The value over the whole range.</summary>
    [JsonPropertyName("value")]
    public required double? Value { get; init; }

    /// <summary>The list of the sessions that are counted in the value; null for a formula.</summary>
    [JsonPropertyName("sessions_url")]
    public string? SessionsUrl => Counted?.OfValue;

    /// <summary>The list of the sessions that are counted in each bucket; null for a formula.</summary>
    [JsonPropertyName("sessions_urls")]
    public IReadOnlyList<string>? SessionsUrls => Counted?.OfPoints(Points.Count);

    /// <summary>Whether it is of the previous period.</summary>
    [JsonIgnore]
    public bool IsPrevious { get; init; }

    /// <summary>The sessions behind its numbers; null when they can't be listed.</summary>
    [JsonIgnore]
    internal CountedLine? Counted { get; init; }
}

/// <summary>Writes the results of queries.</summary>
[JsonSerializable(typeof(QueryResult))]
internal sealed partial class QueryResultJson : JsonSerializerContext;

/// <summary>Writes the value of a property as the API does everywhere.</summary>
internal sealed class PropertyValueConverter : JsonConverter<object?>
{
    public override bool HandleNull => true;

    public override object? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        throw new NotSupportedException("Results can only be written, not read.");

    public override void Write(Utf8JsonWriter writer, object? value, JsonSerializerOptions options) => PropertyJson.WriteValue(writer, value);
}

/// <summary>Writes the starts of buckets: with fractions of seconds only when there are some.</summary>
internal sealed class StartsConverter : JsonConverter<IReadOnlyList<DateTimeOffset>>, IDescribedConverter
{
    public void Describe(OpenApiSchema schema)
    {
        schema.Type = JsonSchemaType.Array;
        schema.Items = new OpenApiSchema { Type = JsonSchemaType.String, Format = "date-time" };
    }

    public override IReadOnlyList<DateTimeOffset> Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        throw new NotSupportedException("Results can only be written, not read.");

    public override void Write(Utf8JsonWriter writer, IReadOnlyList<DateTimeOffset> value, JsonSerializerOptions options)
    {
        writer.WriteStartArray();
        foreach (DateTimeOffset start in value)
        {
            writer.WriteStringValue(start.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFF'Z'", CultureInfo.InvariantCulture));
        }

        writer.WriteEndArray();
    }
}
