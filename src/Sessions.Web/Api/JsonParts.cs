using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.OpenApi;

namespace Sessions.Web.Api;

/// <summary>A converter that says for the API's description what it reads or writes. A type alone doesn't say it.</summary>
internal interface IDescribedConverter
{
    void Describe(OpenApiSchema schema);
}

/// <summary>
/// Writes times as the API has them: ISO 8601 in UTC with milliseconds, and with microseconds if there are any.
/// </summary>
internal sealed class TimeConverter : JsonConverter<DateTimeOffset>
{
    public override DateTimeOffset Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.GetDateTimeOffset();

    public override void Write(Utf8JsonWriter writer, DateTimeOffset value, JsonSerializerOptions options) =>
        writer.WriteStringValue(PropertyText.Time(value));
}

/// <summary>Reads a text; any other value becomes null, and the check of the request reports it.</summary>
internal sealed class TextOrNullConverter : JsonConverter<string?>, IDescribedConverter
{
    public void Describe(OpenApiSchema schema) => schema.Type = JsonSchemaType.String;

    public override string? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType == JsonTokenType.String)
        {
            return reader.GetString();
        }

        reader.Skip();
        return null;
    }

    public override void Write(Utf8JsonWriter writer, string? value, JsonSerializerOptions options) => writer.WriteStringValue(value);
}

/// <summary>JSON that Postgres wrote: it is valid, and numbers keep all their digits.</summary>
/// <param name="Text">The JSON.</param>
[JsonConverter(typeof(RawJsonConverter))]
internal readonly record struct RawJson(string Text);

internal sealed class RawJsonConverter : JsonConverter<RawJson>
{
    public override RawJson Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        new(JsonElement.ParseValue(ref reader).GetRawText());

    public override void Write(Utf8JsonWriter writer, RawJson value, JsonSerializerOptions options) =>
        writer.WriteRawValue(value.Text, skipInputValidation: true);
}

/// <summary>Names the allowed texts of a member, for the API's description.</summary>
/// <param name="holder">The type with the list.</param>
/// <param name="member">The list: a static field or property.</param>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class WordsAttribute(Type holder, string member) : Attribute
{
    private const BindingFlags Static = BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic;

    public IEnumerable<string> All =>
        (IEnumerable<string>)(holder.GetProperty(member, Static)?.GetValue(null) ?? holder.GetField(member, Static)!.GetValue(null)!);
}
