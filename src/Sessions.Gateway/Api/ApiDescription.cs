using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace Sessions.Gateway.Api;

/// <summary>What <c>/openapi/v1.json</c> says beyond what the endpoints show by themselves.</summary>
internal static class ApiDescription
{
    private const string Bearer = "bearer";

    public static void Configure(OpenApiOptions options) =>
        options.AddOperationTransformer(DescribedAnswers.Describe).AddDocumentTransformer((document, _, _) =>
        {
            document.Info = new OpenApiInfo
            {
                Title = "Orleans.Sessions",
                Version = "v1",
                Description = "Asking about sessions, and a project's settings. Errors are application/problem+json; a wrong field is named in \"field\", as is a query parameter that a GET does not know.",
            };
            document.Components ??= new OpenApiComponents();
            document.Components.SecuritySchemes ??= new Dictionary<string, IOpenApiSecurityScheme>();
            document.Components.SecuritySchemes[Bearer] =
                new OpenApiSecurityScheme { Type = SecuritySchemeType.Http, Scheme = "bearer", Description = "The project's API key." };
            document.Security = [new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(Bearer, document)] = [] }];
            ApiSchemas.AddTo(document);
            return Task.CompletedTask;
        });

    /// <summary>The answer below /api where nothing is.</summary>
    public static ProblemHttpResult NoSuchCall() =>
        TypedResults.Problem(statusCode: StatusCodes.Status404NotFound, title: "There is no such call.");
}
