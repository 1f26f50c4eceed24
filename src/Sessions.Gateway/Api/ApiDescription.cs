using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using Sessions.Postgres.Queries;

namespace Sessions.Gateway.Api;

/// <summary>What <c>/openapi/v1.json</c> says beyond what the endpoints show by themselves.</summary>
internal static class ApiDescription
{
    private const string Bearer = "bearer";

    public static void Configure(OpenApiOptions options) =>
        options.AddDocumentTransformer((document, _, _) =>
        {
            document.Info = new OpenApiInfo
            {
                Title = "Orleans.Sessions",
                Version = "v1",
                Description = "Reading sessions, and a project's settings. Errors are application/problem+json; a wrong field is named in \"field\".",
            };
            document.Components ??= new OpenApiComponents();
            document.Components.SecuritySchemes ??= new Dictionary<string, IOpenApiSecurityScheme>();
            document.Components.SecuritySchemes[Bearer] =
                new OpenApiSecurityScheme { Type = SecuritySchemeType.Http, Scheme = "bearer", Description = "The project's API key." };
            document.Security = [new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(Bearer, document)] = [] }];
            document.AddComponent("Session", SessionSchema());
            return Task.CompletedTask;
        });

    /// <summary>The answer below /api where nothing is.</summary>
    public static ProblemHttpResult NoSuchCall() =>
        TypedResults.Problem(statusCode: StatusCodes.Status404NotFound, title: "There is no such call.");

    private static OpenApiSchema SessionSchema() => new()
    {
        Type = JsonSchemaType.Object,
        Description = "One session. What it does not have is null.",
        Properties = SessionProperties.All.ToDictionary(property => property.Name, PropertySchema),
        Required = SessionProperties.All.Select(property => property.Name).ToHashSet(),
    };

    private static IOpenApiSchema PropertySchema(SessionProperty property)
    {
        (JsonSchemaType type, string? format) = property.Type switch
        {
            PropertyType.Text => (JsonSchemaType.String, null),
            PropertyType.Number => (JsonSchemaType.Integer, "int32"),
            PropertyType.Seconds => (JsonSchemaType.Number, null),
            PropertyType.Time => (JsonSchemaType.String, "date-time"),
            PropertyType.Boolean => (JsonSchemaType.Boolean, (string?)null),
            PropertyType.Uuid => (JsonSchemaType.String, "uuid"),
            _ => throw new InvalidOperationException($"{property.Name} has no known type."),
        };
        return new OpenApiSchema { Type = property.Always ? type : type | JsonSchemaType.Null, Format = format };
    }
}
