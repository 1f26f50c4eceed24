using System.Text.Json;
using Sessions.Capture.Parsing;
using Sessions.Domain.Projects;
using Sessions.Web.Api;

namespace Sessions.Web.Projects;

/// <summary>
/// A requested change of settings, from JSON or from the form. Wrong types are found here, values out of range when
/// the change is checked.
/// </summary>
/// <param name="Change">The change.</param>
/// <param name="Token">The project's new token; null keeps the current one.</param>
internal sealed record SettingsRequest(ProjectChange Change, string? Token)
{
    /// <summary>The name of the token, which is stored beside the settings.</summary>
    public const string TokenName = "token";

    private static readonly string Known = string.Join(
        ", ", MembersOf("").SelectMany(name => name == "name" ? [name, TokenName] : (string[])[name]));

    /// <summary>Reads the settings. Faults are added to the fields.</summary>
    public static SettingsRequest Read(RequestErrors fields, JsonElement body)
    {
        ProjectChange change = new();
        string? token = null;
        foreach (JsonProperty member in Members(fields, "body", body))
        {
            if (member.Name == TokenName)
            {
                token = ReadToken(fields, member.Value.ValueKind == JsonValueKind.String ? member.Value.GetString()! : "");
            }
            else
            {
                change = Read(fields, "", member, change);
            }
        }

        return new SettingsRequest(change, token);
    }

    /// <summary>A change of the token alone. A fault is added to the fields.</summary>
    public static SettingsRequest OfToken(RequestErrors fields, string token) => new(new ProjectChange(), ReadToken(fields, token));

    /// <summary>Reads the values of the form. Faults are added to the fields.</summary>
    public static SettingsRequest Read(RequestErrors fields, SettingsForm form) => new(
        ProjectSettingList.All.Where(setting => form.Has(setting.Name)).Aggregate(
            new ProjectChange(), (change, setting) => setting.Parse(form[setting.Name], change, fields.Refuse)),
        form.Has(TokenName) ? ReadToken(fields, form[TokenName]) : null);

    /// <summary>Reads a member of an object, and of the objects in it.</summary>
    /// <param name="fields">Collects the faults.</param>
    /// <param name="place">The object's name with a dot; empty for the body.</param>
    /// <param name="member">The member.</param>
    /// <param name="change">The change so far.</param>
    private static ProjectChange Read(RequestErrors fields, string place, JsonProperty member, ProjectChange change)
    {
        string name = place + member.Name;
        // The name of a member of an object is not a name of its own outside of it.
        bool isPlain = !member.Name.Contains('.', StringComparison.Ordinal);
        if (isPlain && ProjectSettingList.All.FirstOrDefault(setting => setting.Name == name) is { } setting)
        {
            return setting.Read(member.Value, change, fields.Refuse);
        }

        string inner = $"{name}.";
        if (isPlain && member.Name.Length > 0 && ProjectSettingList.All.Any(one => one.Name.StartsWith(inner, StringComparison.Ordinal)))
        {
            return Members(fields, name, member.Value).Aggregate(change, (read, one) => Read(fields, inner, one, read));
        }

        fields.Refuse(name, place.Length == 0
            ? $"is not a setting: the settings are {Known}"
            : $"is not a setting: the settings of {place[..^1]} are {string.Join(", ", MembersOf(place))}");
        return change;
    }

    /// <summary>The names in an object: of settings, and of objects.</summary>
    private static IEnumerable<string> MembersOf(string place) => ProjectSettingList.All
        .Where(setting => setting.Name.StartsWith(place, StringComparison.Ordinal))
        .Select(setting => setting.Name[place.Length..].Split('.')[0])
        .Distinct();

    private static JsonElement.ObjectEnumerator Members(RequestErrors fields, string field, JsonElement value)
    {
        if (value.ValueKind == JsonValueKind.Object)
        {
            return value.EnumerateObject();
        }

        fields.Refuse(field, "must be a JSON object");
        return default;
    }

    private static string? ReadToken(RequestErrors fields, string token)
    {
        if (ProjectTokens.IsToken(token))
        {
            return token;
        }

        fields.Refuse(
            TokenName, $"must be a text of 1 to {ProjectTokens.MaxLength} printable ASCII characters that doesn't begin with phx_");
        return null;
    }
}
