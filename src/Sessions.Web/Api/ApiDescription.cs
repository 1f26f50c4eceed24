using System.ComponentModel;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using Sessions.Database.Properties;

namespace Sessions.Web.Api;

/// <summary>Adds to <c>/openapi/v1.json</c> what the endpoints alone do not describe.</summary>
internal static class ApiDescription
{
    private const string Bearer = "bearer";

    public static void Configure(OpenApiOptions options)
    {
        options.CreateSchemaReferenceId = type =>
            IsAnything(type.Type) ? null : NameOf(type.Type) ?? OpenApiOptions.CreateDefaultSchemaReferenceId(type);
        options.AddSchemaTransformer(Complete).AddOperationTransformer(DescribedAnswers.Describe).AddDocumentTransformer((document, _, _) =>
        {
            document.Info = new OpenApiInfo
            {
                Title = "Orleans.Sessions",
                Version = "v1",
                Description = "Queries sessions, and reads and changes a project's settings. Errors are application/problem+json. \"field\" names a wrong field or an unknown query parameter of a GET.",
            };
            document.Components ??= new OpenApiComponents();
            document.Components.SecuritySchemes ??= new Dictionary<string, IOpenApiSecurityScheme>();
            document.Components.SecuritySchemes[Bearer] =
                new OpenApiSecurityScheme { Type = SecuritySchemeType.Http, Scheme = "bearer", Description = "The project's API key." };
            document.Security = [new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(Bearer, document)] = [] }];
            return Task.CompletedTask;
        });
    }

    /// <summary>
    /// The name of a type in the API's description: <c>KeyJson</c> is <c>Key</c>, a page of keys is <c>KeyPage</c>.
    /// </summary>
    public static string? NameOf(Type type) =>
        type == typeof(SessionRow) ? "Session"
        : type.IsGenericType && type.GetGenericTypeDefinition() == typeof(PageJson<>) ? $"{NameOf(type.GenericTypeArguments[0])}Page"
        : type.Name.EndsWith("Json", StringComparison.Ordinal) ? type.Name[..^"Json".Length]
        : null;

    private static bool IsAnything(Type type) => type == typeof(RawJson) || type == typeof(JsonElement) || type == typeof(JsonElement?);

    /// <summary>Adds what the types alone don't say: the properties of a session, descriptions, and the words that are allowed.</summary>
    private static Task Complete(OpenApiSchema schema, OpenApiSchemaTransformerContext context, CancellationToken cancellation)
    {
        if (context.JsonTypeInfo.Type == typeof(SessionRow))
        {
            SessionSchema.Describe(schema);
        }

        if ((context.JsonPropertyInfo?.CustomConverter ?? context.JsonTypeInfo.Converter) is IDescribedConverter converter)
        {
            converter.Describe(schema);
        }

        if (context.JsonPropertyInfo is { AttributeProvider: { } member } && IsAnything(context.JsonTypeInfo.Type))
        {
            // ASP.NET leaves a member without a type as it is.
            schema.Description ??= member.GetCustomAttributes(typeof(DescriptionAttribute), inherit: false)
                .OfType<DescriptionAttribute>().FirstOrDefault()?.Description;
        }

        if (context.JsonPropertyInfo is null)
        {
            schema.Description ??= context.JsonTypeInfo.Type.GetCustomAttribute<DescriptionAttribute>(inherit: false)?.Description;
        }

        if (context.JsonPropertyInfo?.AttributeProvider?.GetCustomAttributes(typeof(WordsAttribute), inherit: false) is [WordsAttribute words])
        {
            OpenApiSchema one = schema.Items as OpenApiSchema ?? schema;
            one.Enum = [.. words.All.Select(word => (JsonNode)word)];
            if (one.Type?.HasFlag(JsonSchemaType.Null) == true)
            {
                one.Enum.Add(JsonNullSentinel.JsonNull);
            }
        }

        return Task.CompletedTask;
    }

    /// <summary>The answer to an unknown path below /api.</summary>
    public static ProblemHttpResult NoSuchCall() =>
        TypedResults.Problem(statusCode: StatusCodes.Status404NotFound, title: "The API has no such path.");
}
