using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Sessions.Domain.Projects;

/// <summary>A list of texts. Users type one text in each line.</summary>
internal sealed class TextsKind() : SettingKind<IReadOnlyList<string>>(JsonShape.ListOf(JsonShape.Text))
{
    /// <summary>
    /// Reads the list. An item that is not a text becomes null, which the setting's check reports with its place.
    /// </summary>
    public override bool TryRead(JsonElement json, string field, Refuse refuse, [MaybeNullWhen(false)] out IReadOnlyList<string> value)
    {
        if (json.ValueKind == JsonValueKind.Array)
        {
            value = [.. json.EnumerateArray().Select(item => item.ValueKind == JsonValueKind.String ? item.GetString()! : null!)];
            return true;
        }

        return Wrong(refuse, field, "must be a list of texts", out value);
    }

    public override bool TryParse(string typed, string field, Refuse refuse, [MaybeNullWhen(false)] out IReadOnlyList<string> value)
    {
        value = typed.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        return true;
    }

    public override void Write(Utf8JsonWriter json, IReadOnlyList<string> value)
    {
        json.WriteStartArray();
        foreach (string text in value)
        {
            json.WriteStringValue(text);
        }

        json.WriteEndArray();
    }

    public override string Format(IReadOnlyList<string> value) => string.Join('\n', value);
}

/// <summary>A list of rules. Users type it as JSON.</summary>
/// <param name="rule">The shape of a rule in JSON.</param>
/// <param name="read">
/// Reads a rule. A missing member becomes null, which the setting's check reports with its place.
/// </param>
/// <param name="write">Writes a rule.</param>
internal sealed class RulesKind<TRule>(
    JsonShape rule, Func<JsonElement, string, Refuse, TRule> read, Action<Utf8JsonWriter, TRule> write)
    : SettingKind<IReadOnlyList<TRule>>(JsonShape.ListOf(rule))
{
    private const string Expected = "must be a list of rules";

    // No escaping for HTML: the page escapes the text.
    private static readonly JsonWriterOptions Indented =
        new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public override bool TryRead(
        JsonElement json, string field, Refuse refuse, [MaybeNullWhen(false)] out IReadOnlyList<TRule> value)
    {
        if (json.ValueKind == JsonValueKind.Array)
        {
            value = [.. json.EnumerateArray().Select((rule, i) => read(rule, $"{field}[{i}]", refuse))];
            return true;
        }

        return Wrong(refuse, field, Expected, out value);
    }

    public override bool TryParse(string typed, string field, Refuse refuse, [MaybeNullWhen(false)] out IReadOnlyList<TRule> value)
    {
        try
        {
            using JsonDocument rules = JsonDocument.Parse(typed.Length == 0 ? "[]" : typed);
            return TryRead(rules.RootElement, field, refuse, out value);
        }
        catch (Exception malformed) when (malformed is JsonException or InvalidOperationException)
        {
            // A string with half of a surrogate pair fails only when it is read.
            return Wrong(refuse, field, Expected, out value);
        }
    }

    public override void Write(Utf8JsonWriter json, IReadOnlyList<TRule> value)
    {
        json.WriteStartArray();
        foreach (TRule rule in value)
        {
            write(json, rule);
        }

        json.WriteEndArray();
    }

    public override string Format(IReadOnlyList<TRule> value)
    {
        if (value.Count == 0)
        {
            return "";
        }

        ArrayBufferWriter<byte> text = new();
        using (Utf8JsonWriter json = new(text, Indented))
        {
            Write(json, value);
        }

        return Encoding.UTF8.GetString(text.WrittenSpan);
    }
}
