using Microsoft.OpenApi;
using Sessions.Database.Properties;

namespace Sessions.Web.Api;

/// <summary>Describes a session: its properties come from a table, not from the members of a type.</summary>
internal static class SessionSchema
{
    public static void Describe(OpenApiSchema session)
    {
        session.Type = JsonSchemaType.Object;
        session.Description = "One session. Missing values are null.";
        session.Required = SessionProperties.All.Select(property => property.Name).ToHashSet();
        session.Properties = SessionProperties.All.ToDictionary(property => property.Name, property => (IOpenApiSchema)Of(property));
    }

    private static OpenApiSchema Of(SessionProperty property)
    {
        OpenApiSchema schema = property.Type switch
        {
            PropertyType.Text => new() { Type = JsonSchemaType.String },
            PropertyType.Number => new() { Type = JsonSchemaType.Integer },
            PropertyType.Seconds => new() { Type = JsonSchemaType.Number },
            PropertyType.Time => new() { Type = JsonSchemaType.String, Format = "date-time" },
            PropertyType.Boolean => new() { Type = JsonSchemaType.Boolean },
            PropertyType.Uuid => new() { Type = JsonSchemaType.String, Format = "uuid" },
            PropertyType.List => new() { Type = JsonSchemaType.Array, Items = new OpenApiSchema { Type = JsonSchemaType.String } },
            _ => throw new InvalidOperationException($"{property.Name} has no known type."),
        };
        schema.Type |= property.Always ? 0 : JsonSchemaType.Null;
        return schema;
    }
}
