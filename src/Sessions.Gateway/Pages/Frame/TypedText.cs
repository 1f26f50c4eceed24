using System.Text.Encodings.Web;
using System.Text.Json;

namespace Sessions.Gateway.Pages.Frame;

/// <summary>
/// A text in a field of a form. Browsers take line breaks out of fields or change them, so a text with control characters
/// stands there as JSON writes it: in quotes, with backslashes. People may type it so as well.
/// </summary>
public static class TypedText
{
    private static readonly JsonSerializerOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The text as a field holds it.</summary>
    public static string Write(string text) =>
        text.Any(char.IsControl) || IsQuoted(text) ? JsonSerializer.Serialize(text, Readable) : text;

    /// <summary>The text that a field holds.</summary>
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
            // Somebody's text with quotes and a backslash of its own.
            return typed;
        }
    }

    private static bool IsQuoted(string text) => text is ['"', .., '"'] && text.Contains('\\');
}
