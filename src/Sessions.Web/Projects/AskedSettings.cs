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
internal sealed record AskedSettings(ProjectChange Change, string? Token)
{
    /// <summary>The name of the token, which is stored beside the settings.</summary>
    public const string TokenName = "token";

    private static readonly ILookup<string?, ProjectSetting> ByGroup = ProjectSettingList.All.ToLookup(setting => setting.Group);

    private static readonly string Known = string.Join(
        ", ",
        ByGroup[null].SelectMany(setting => setting.Name == "name" ? [setting.Name, TokenName] : (string[])[setting.Name])
            .Concat(ByGroup.Select(group => group.Key).OfType<string>()));

    /// <summary>Reads the settings. Faults are added to the fields.</summary>
    public static AskedSettings Read(RequestErrors fields, JsonElement body)
    {
        ProjectChange change = new();
        string? token = null;
        foreach (JsonProperty member in Members(fields, "body", body))
        {
            if (member.Name == TokenName)
            {
                token = ReadToken(fields, member.Value.ValueKind == JsonValueKind.String ? member.Value.GetString()! : "");
            }
            else if (ByGroup.Contains(member.Name))
            {
                foreach (JsonProperty inner in Members(fields, member.Name, member.Value))
                {
                    change = Read(fields, member.Name, inner, change);
                }
            }
            else
            {
                change = Read(fields, null, member, change);
            }
        }

        return new AskedSettings(change, token);
    }

    /// <summary>A change of the token alone. A fault is added to the fields.</summary>
    public static AskedSettings OfToken(RequestErrors fields, string token) => new(new ProjectChange(), ReadToken(fields, token));

    /// <summary>Reads the values of the form. Faults are added to the fields.</summary>
    public static AskedSettings Read(RequestErrors fields, SettingsForm form) => new(
        ProjectSettingList.All.Where(setting => form.Has(setting.Name)).Aggregate(
            new ProjectChange(), (change, setting) => setting.Parse(form[setting.Name], change, fields.Refuse)),
        form.Has(TokenName) ? ReadToken(fields, form[TokenName]) : null);

    private static ProjectChange Read(RequestErrors fields, string? group, JsonProperty member, ProjectChange change)
    {
        if (ByGroup[group].FirstOrDefault(setting => setting.Member == member.Name) is { } setting)
        {
            return setting.Read(member.Value, change, fields.Refuse);
        }

        if (group is null)
        {
            fields.Refuse(member.Name, $"is not a setting: the settings are {Known}");
        }
        else
        {
            string known = string.Join(", ", ByGroup[group].Select(one => one.Member));
            fields.Refuse($"{group}.{member.Name}", $"is not a setting: the settings of {group} are {known}");
        }

        return change;
    }

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
