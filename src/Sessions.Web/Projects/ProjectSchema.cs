using System.Text.Json.Nodes;
using Microsoft.OpenApi;
using Sessions.Domain.Projects;
using Sessions.Web.Api;

namespace Sessions.Web.Projects;

/// <summary>
/// Describes a project's settings for the API's description. They come from the list of settings, which also reads, writes
/// and checks them.
/// </summary>
internal static class ProjectSchema
{
    /// <summary>The settings, as the API answers them.</summary>
    public static NamedSchema Answer { get; } = new("Project", () => Make(isAnswer: true));

    /// <summary>A change of settings, as the API takes it.</summary>
    public static NamedSchema Change { get; } = new("ProjectSettingsChange", () => Make(isAnswer: false));

    private static OpenApiSchema Make(bool isAnswer)
    {
        OpenApiSchema project = Object(isAnswer ? "A project's settings." : "A change of settings. It names some of them and keeps the others.");
        foreach (ProjectSetting setting in ProjectSettingList.All)
        {
            OpenApiSchema place = project;
            foreach (string group in setting.Groups)
            {
                OpenApiSchema inner = place.Properties!.TryGetValue(group, out IOpenApiSchema? known) ? (OpenApiSchema)known : Object(description: null);
                Add(place, group, inner, isAnswer);
                place = inner;
            }

            OpenApiSchema schema = Of(setting.Shape, isAnswer);
            schema.Description = setting.Input.Hint is { } hint ? $"{setting.Input.Label}. {hint}" : $"{setting.Input.Label}.";
            Add(place, setting.Member, schema, isAnswer);
            if (setting.Name == "name")
            {
                OpenApiSchema token = Of(isAnswer ? JsonShape.Text.OrNull() : JsonShape.Text, isAnswer);
                token.Description = "The public token, with which SDKs send events.";
                Add(project, SettingsRequest.TokenName, token, isAnswer);
            }
        }

        return project;
    }

    private static OpenApiSchema Of(JsonShape shape, bool isAnswer)
    {
        if (!isAnswer && shape.Asked is { } asked)
        {
            return Of(asked, isAnswer);
        }

        OpenApiSchema schema = shape.Members is null ? new() : Object(description: null);
        schema.Type = shape.Types is [] ? null : shape.Types.Select(TypeOf).Aggregate((all, one) => all | one);
        schema.Enum = shape.Words is { } words ? [.. words.Select(word => (JsonNode)word)] : null;
        schema.Items = shape.Items is { } items ? Of(items, isAnswer) : null;
        foreach ((string name, JsonShape member) in shape.Members ?? [])
        {
            if (!isAnswer || !member.IsIgnored)
            {
                Add(schema, name, Of(member, isAnswer), isRequired: isAnswer || !(member.IsOptional || member.IsIgnored));
            }
        }

        return schema;
    }

    private static void Add(OpenApiSchema place, string name, OpenApiSchema member, bool isRequired)
    {
        place.Properties![name] = member;
        if (isRequired)
        {
            place.Required!.Add(name);
        }
    }

    private static OpenApiSchema Object(string? description) => new()
    {
        Type = JsonSchemaType.Object,
        Description = description,
        Properties = new Dictionary<string, IOpenApiSchema>(),
        Required = new HashSet<string>(),
    };

    private static JsonSchemaType TypeOf(string type) => type switch
    {
        "string" => JsonSchemaType.String,
        "boolean" => JsonSchemaType.Boolean,
        "number" => JsonSchemaType.Number,
        "integer" => JsonSchemaType.Integer,
        "array" => JsonSchemaType.Array,
        "object" => JsonSchemaType.Object,
        "null" => JsonSchemaType.Null,
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "JSON Schema has no such type."),
    };
}
