using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Sessions.Database.Properties;
using Sessions.Domain;

namespace Sessions.Web.Api;

/// <summary>Converts a property's value to text and back.</summary>
internal static class PropertyText
{
    /// <summary>The value as text that <see cref="TryParse"/> reads back exactly; a list as JSON, which is only for people and files.</summary>
    public static string Write(object value) => value switch
    {
        string text => text,
        DateTimeOffset time => Time(time),
        IReadOnlyList<string> list => JsonSerializer.Serialize(list, TextListJson.Readable.IReadOnlyListString),
        bool yes => yes ? "true" : "false",
        IFormattable other => other.ToString(null, CultureInfo.InvariantCulture),
        _ => throw new ArgumentException($"{value.GetType()} is no property's type.", nameof(value)),
    };

    /// <summary>ISO 8601 in UTC with milliseconds, and with microseconds if there are any.</summary>
    public static string Time(DateTimeOffset time) => PropertyJson.Time(time);

    /// <summary>Reads a value of this type; of a list, one of its texts.</summary>
    public static bool TryParse(PropertyType type, string text, [NotNullWhen(true)] out object? value)
    {
        value = type switch
        {
            PropertyType.Text or PropertyType.List => PlainText.Storable(text),
            PropertyType.Number or PropertyType.Seconds => Number(text),
            PropertyType.Boolean => text is "true" or "1" ? true : text is "false" or "0" ? false : null,
            PropertyType.Uuid => Guid.TryParseExact(text, "D", out Guid id) ? id : null,
            PropertyType.Time => RequestTime.Absolute(text),
            _ => throw new ArgumentOutOfRangeException(nameof(type), type, null),
        };
        return value is not null;
    }

    private static decimal? Number(string text) =>
        decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out decimal number) ? number : null;
}

/// <summary>Writes lists of texts.</summary>
[JsonSerializable(typeof(IReadOnlyList<string>))]
internal sealed partial class TextListJson : JsonSerializerContext
{
    /// <summary>Without escaping for HTML: the page that shows a text escapes it.</summary>
    public static TextListJson Readable { get; } = new(new JsonSerializerOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
}
