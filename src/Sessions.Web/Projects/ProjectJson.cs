using System.Text.Json;
using Sessions.Domain.Projects;

namespace Sessions.Web.Projects;

/// <summary>A project's settings as the API writes them.</summary>
internal static class ProjectJson
{
    public static void Write(Utf8JsonWriter json, ProjectSettings settings, string? token)
    {
        json.WriteStartObject();
        string? open = null;
        foreach (ProjectSetting setting in ProjectSettingList.All)
        {
            if (setting.Group != open)
            {
                if (open is not null)
                {
                    json.WriteEndObject();
                }

                if (setting.Group is { } group)
                {
                    json.WriteStartObject(group);
                }

                open = setting.Group;
            }

            json.WritePropertyName(setting.Member);
            setting.Write(json, settings);
            if (setting.Name == "name")
            {
                json.WriteString(AskedSettings.TokenName, token);
            }
        }

        if (open is not null)
        {
            json.WriteEndObject();
        }

        json.WriteEndObject();
    }
}
