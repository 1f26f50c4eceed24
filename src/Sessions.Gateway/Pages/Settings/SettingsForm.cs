using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http;
using Sessions.Gateway.Api;

namespace Sessions.Gateway.Pages.Settings;

/// <summary>The settings as they stand in the form: what somebody typed stays there, also when it is wrong.</summary>
/// <param name="Values">The fields' texts, by the names that settings have in JSON.</param>
/// <param name="Faults">What is wrong, by the same names; to be read after the field's label.</param>
public sealed partial record SettingsForm(
    IReadOnlyDictionary<string, string> Values, IReadOnlyDictionary<string, string> Faults)
{
    private static readonly string[] Numbers =
    [
        "idle_timeout_seconds", "bounce_seconds", "retention_days",
        "replay.sample_rate", "replay.minimum_duration_ms", "replay.retention_days",
    ];

    private static readonly string[] YesNo = ["ai_channel", "bot_filter", "replay.enabled", "replay.console"];
    private static readonly string[] Lists = ["ignored_referrers", "internal_hosts"];
    private static readonly string[] Texts = ["name", "token", "timezone", "week_start"];
    private static readonly string[] Rules = ["channel_rules", "path_cleaning"];

    private static readonly JsonWriterOptions Indented =
        new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public string this[string field] => Values.GetValueOrDefault(field, "");

    /// <summary>What is wrong with a field; null when nothing is.</summary>
    public string? Fault(string field) => Faults.GetValueOrDefault(field);

    /// <summary>The settings as they are.</summary>
    public static SettingsForm Of(ProjectSettings settings, string token)
    {
        using JsonDocument json = JsonDocument.Parse(Json(writer => ProjectJson.Write(writer, settings, token), default));
        Dictionary<string, string> values = [];
        foreach (JsonProperty field in json.RootElement.EnumerateObject())
        {
            if (field.Name == "replay")
            {
                foreach (JsonProperty inner in field.Value.EnumerateObject())
                {
                    values[$"replay.{inner.Name}"] = TextOf($"replay.{inner.Name}", inner.Value);
                }
            }
            else
            {
                values[field.Name] = TextOf(field.Name, field.Value);
            }
        }

        return new SettingsForm(values, new Dictionary<string, string>());
    }

    /// <summary>What somebody sent.</summary>
    public static SettingsForm Of(IFormCollection form)
    {
        Dictionary<string, string> values = [];
        foreach (string field in (string[])[.. Texts, .. Numbers, .. Lists, .. Rules])
        {
            values[field] = form[field].ToString().Trim();
        }

        foreach (string field in YesNo)
        {
            // A box that is not ticked is not sent.
            values[field] = form.ContainsKey(field) ? "true" : "false";
        }

        return new SettingsForm(values, new Dictionary<string, string>());
    }

    /// <summary>The same with what the checks found.</summary>
    public SettingsForm With(IEnumerable<(string Field, string Fault)> faults)
    {
        Dictionary<string, string> byField = [];
        foreach ((string field, string fault) in faults)
        {
            // One of many rules or hosts: the field holds them all, so the message says which it is.
            string whole = Place().Match(field).Value;
            byField.TryAdd(whole, whole == field ? fault : $"{field[whole.Length..]} {fault}");
        }

        return this with { Faults = byField };
    }

    /// <summary>The settings as the API takes them. What is no number there becomes a text, with which the check finds fault.</summary>
    public byte[] ToJson() => Json(
        json =>
        {
            json.WriteStartObject();
            foreach (string field in Values.Keys.Where(field => !field.StartsWith("replay.", StringComparison.Ordinal)))
            {
                Write(json, field, field);
            }

            json.WriteStartObject("replay");
            foreach (string field in Values.Keys.Where(field => field.StartsWith("replay.", StringComparison.Ordinal)))
            {
                Write(json, field, field["replay.".Length..]);
            }

            json.WriteEndObject();
            json.WriteEndObject();
        },
        default);

    private void Write(Utf8JsonWriter json, string field, string name)
    {
        string value = this[field];
        json.WritePropertyName(name);
        if (Numbers.Contains(field))
        {
            if (value.Length == 0 && name == "retention_days")
            {
                json.WriteNullValue();
            }
            else if (decimal.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out decimal number))
            {
                json.WriteNumberValue(number);
            }
            else
            {
                json.WriteStringValue(value);
            }
        }
        else if (YesNo.Contains(field))
        {
            json.WriteBooleanValue(value == "true");
        }
        else if (Lists.Contains(field))
        {
            json.WriteStartArray();
            foreach (string line in value.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
            {
                json.WriteStringValue(line);
            }

            json.WriteEndArray();
        }
        else if (Rules.Contains(field))
        {
            WriteRules(json, value);
        }
        else
        {
            json.WriteStringValue(value);
        }
    }

    private static void WriteRules(Utf8JsonWriter json, string value)
    {
        try
        {
            using JsonDocument rules = JsonDocument.Parse(value.Length == 0 ? "[]" : value);
            rules.RootElement.WriteTo(json);
        }
        catch (Exception malformed) when (malformed is JsonException or InvalidOperationException)
        {
            json.WriteStringValue(value);
        }
    }

    private static string TextOf(string field, JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Null => "",
        JsonValueKind.String => value.GetString()!,
        JsonValueKind.True => "true",
        JsonValueKind.False => "false",
        JsonValueKind.Array when Lists.Contains(field) => string.Join('\n', value.EnumerateArray().Select(item => item.GetString())),
        JsonValueKind.Array => value.GetArrayLength() == 0 ? "" : Encoding.UTF8.GetString(Json(value.WriteTo, Indented)),
        _ => value.GetRawText(),
    };

    private static byte[] Json(Action<Utf8JsonWriter> write, JsonWriterOptions options)
    {
        ArrayBufferWriter<byte> text = new();
        using (Utf8JsonWriter json = new(text, options))
        {
            write(json);
        }

        return text.WrittenSpan.ToArray();
    }

    [GeneratedRegex(@"^[^\[]*")]
    private static partial Regex Place();
}
