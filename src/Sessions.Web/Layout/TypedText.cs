using System.Text.Encodings.Web;
using System.Text.Json;

namespace Sessions.Web.Layout;

/// <summary>
/// A text in a field of a form. Browsers remove or change line breaks in fields, so a text with control characters is
/// written as JSON: in quotes, with backslashes. Users may type it in this form as well.
/// </summary>
public static class TypedText
{
    private static readonly JsonSerializerOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The text in the form of a field.</summary>
    public static string Write(string text) =>
        text.Any(char.IsControl) || IsQuoted(text) ? JsonSerializer.Serialize(text, Readable) : text;

    /// <summary>The text of a field.</summary>
    public static string Read(string typed)
    {
        if (!IsQuoted(typed))
        {
            return typed;
        }

        try
        {
            return JsonSerializer.Deserialize<string>(typed)!;
        }
        catch (JsonException)
        {
            // A text that happens to have quotes and a backslash.
            return typed;
        }
    }

    private static bool IsQuoted(string text) => text is ['"', .., '"'] && text.Contains('\\');
}
