using System.Text.Json;
using Sessions.Domain.Projects;

namespace Sessions.Web.Projects;

/// <summary>A project's settings as the API writes them.</summary>
internal static class ProjectJson
{
    public static void Write(Utf8JsonWriter json, ProjectSettings settings, string? token)
    {
        json.WriteStartObject();
        IReadOnlyList<string> open = [];
        foreach (ProjectSetting setting in ProjectSettingList.All)
        {
            Move(json, open, setting.Groups);
            open = setting.Groups;
            json.WritePropertyName(setting.Member);
            setting.Write(json, settings);
            if (setting.Name == "name")
            {
                json.WriteString(SettingsRequest.TokenName, token);
            }
        }

        Move(json, open, []);
        json.WriteEndObject();
    }

    /// <summary>Ends the objects that the next setting is not in, and begins those that it is in.</summary>
    private static void Move(Utf8JsonWriter json, IReadOnlyList<string> from, IReadOnlyList<string> to)
    {
        int common = from.Zip(to).TakeWhile(pair => pair.First == pair.Second).Count();
        for (int at = common; at < from.Count; at++)
        {
            json.WriteEndObject();
        }

        foreach (string group in to.Skip(common))
        {
            json.WriteStartObject(group);
        }
    }
}
