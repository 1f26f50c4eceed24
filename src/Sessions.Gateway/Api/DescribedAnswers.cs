using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace Sessions.Gateway.Api;

/// <summary>Tells the API's description what calls answer and take, since their JSON is written and read by hand.</summary>
internal static class DescribedAnswers
{
    /// <summary>The call answers 200 with this schema, 400 for a wrong field, 401, 503, and what else is said.</summary>
    /// <param name="call">The call.</param>
    /// <param name="schema">A schema of the description; <c>text</c> for lines of CSV or NDJSON.</param>
    /// <param name="problems">Its other problems.</param>
    public static RouteHandlerBuilder Answers(this RouteHandlerBuilder call, string schema, params int[] problems)
    {
        call.WithMetadata(new AnswerSchema(schema));
        foreach (int status in problems.Concat(
            [StatusCodes.Status400BadRequest, StatusCodes.Status401Unauthorized, StatusCodes.Status503ServiceUnavailable]))
        {
            call.ProducesProblem(status);
        }

        return call;
    }

    /// <summary>The call takes a body of JSON with this schema.</summary>
    public static RouteHandlerBuilder Takes(this RouteHandlerBuilder call, string schema) => call.WithMetadata(new BodySchema(schema));

    /// <summary>Writes it into the description of a call.</summary>
    public static Task Describe(OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken cancellation)
    {
        IList<object> metadata = context.Description.ActionDescriptor.EndpointMetadata;
        if (metadata.OfType<AnswerSchema>().LastOrDefault() is { } answer)
        {
            operation.Responses ??= [];
            operation.Responses["200"] = new OpenApiResponse { Description = "OK", Content = ContentOf(answer.Name, context.Document) };
        }

        if (metadata.OfType<BodySchema>().LastOrDefault() is { } body)
        {
            operation.RequestBody = new OpenApiRequestBody { Required = true, Content = ContentOf(body.Name, context.Document) };
        }

        return Task.CompletedTask;
    }

    private static Dictionary<string, OpenApiMediaType> ContentOf(string schema, OpenApiDocument? document)
    {
        OpenApiMediaType json = new() { Schema = new OpenApiSchemaReference(schema, document) };
        OpenApiMediaType text = new() { Schema = new OpenApiSchema { Type = JsonSchemaType.String } };
        return schema switch
        {
            "text" => new() { ["application/x-ndjson"] = text, ["text/csv"] = text },
            "SqlAnswer" => new() { ["application/json"] = json, ["text/csv"] = text },
            _ => new() { ["application/json"] = json },
        };
    }

    private sealed record AnswerSchema(string Name);

    private sealed record BodySchema(string Name);
}
