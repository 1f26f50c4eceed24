using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace Sessions.Web.Api;

/// <summary>Describes the requests and answers of calls for the API's description.</summary>
internal static class DescribedAnswers
{
    private const string Json = "application/json";
    private const string AnyType = "*/*";

    /// <summary>
    /// The call answers 200 with this type as JSON, 400 for a wrong field, 401, 503, and the named problems.
    /// </summary>
    /// <param name="call">The call.</param>
    /// <param name="problems">Its other problems.</param>
    public static RouteHandlerBuilder Answers<T>(this RouteHandlerBuilder call, params int[] problems) =>
        call.Produces<T>(StatusCodes.Status200OK, Json).AnswersProblems(problems);

    /// <summary>The same for JSON that no type describes.</summary>
    /// <param name="call">The call.</param>
    /// <param name="schema">What it answers.</param>
    /// <param name="problems">Its other problems.</param>
    public static RouteHandlerBuilder Answers(this RouteHandlerBuilder call, NamedSchema schema, params int[] problems) =>
        call.WithMetadata(new AnswerSchema(schema)).AnswersProblems(problems);

    /// <summary>The same for an answer of lines of text, alone or beside JSON.</summary>
    /// <param name="call">The call.</param>
    /// <param name="types">Their content types.</param>
    /// <param name="problems">Its other problems.</param>
    public static RouteHandlerBuilder AnswersLines(this RouteHandlerBuilder call, IReadOnlyList<string> types, params int[] problems) =>
        call.WithMetadata(new AnswerLines(types)).AnswersProblems(problems);

    /// <summary>The call takes a JSON body of this type. It is read whatever content type the caller names.</summary>
    public static RouteHandlerBuilder Takes<T>(this RouteHandlerBuilder call)
        where T : notnull => call.Accepts<T>(AnyType);

    /// <summary>The same for JSON that no type describes.</summary>
    public static RouteHandlerBuilder Takes(this RouteHandlerBuilder call, NamedSchema schema) => call.WithMetadata(new BodySchema(schema));

    /// <summary>Adds it to the description of a call.</summary>
    public static Task Describe(OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken cancellation)
    {
        IList<object> metadata = context.Description.ActionDescriptor.EndpointMetadata;
        OpenApiDocument document = context.Document!;
        if (metadata.OfType<AnswerSchema>().LastOrDefault() is { } answer)
        {
            ContentOfAnswer(operation)[Json] = Reference(answer.Schema.Name, answer.Schema.Make(), document);
        }

        if (metadata.OfType<AnswerLines>().LastOrDefault() is { } lines)
        {
            foreach (string type in lines.Types)
            {
                ContentOfAnswer(operation)[type] = new OpenApiMediaType { Schema = new OpenApiSchema { Type = JsonSchemaType.String } };
            }
        }

        if (metadata.OfType<BodySchema>().LastOrDefault() is { } body)
        {
            operation.RequestBody = Body(Reference(body.Schema.Name, body.Schema.Make(), document));
        }
        else if (operation.RequestBody?.Content?.Remove(AnyType, out OpenApiMediaType? typed) == true)
        {
            operation.RequestBody = Body(typed);
        }

        return Task.CompletedTask;
    }

    private static RouteHandlerBuilder AnswersProblems(this RouteHandlerBuilder call, int[] problems)
    {
        foreach (int status in problems.Concat(
            [StatusCodes.Status400BadRequest, StatusCodes.Status401Unauthorized, StatusCodes.Status503ServiceUnavailable]))
        {
            call.ProducesProblem(status);
        }

        return call;
    }

    private static IDictionary<string, OpenApiMediaType> ContentOfAnswer(OpenApiOperation operation)
    {
        operation.Responses ??= [];
        if (!operation.Responses.TryGetValue("200", out IOpenApiResponse? response))
        {
            operation.Responses["200"] = response = new OpenApiResponse { Description = "OK" };
        }

        return ((OpenApiResponse)response).Content ??= new Dictionary<string, OpenApiMediaType>();
    }

    private static OpenApiRequestBody Body(OpenApiMediaType type) =>
        new() { Required = true, Content = new Dictionary<string, OpenApiMediaType> { [Json] = type } };

    private static OpenApiMediaType Reference(string name, OpenApiSchema schema, OpenApiDocument document)
    {
        document.AddComponent(name, schema);
        return new OpenApiMediaType { Schema = new OpenApiSchemaReference(name, document) };
    }

    private sealed record AnswerSchema(NamedSchema Schema);

    private sealed record AnswerLines(IReadOnlyList<string> Types);

    private sealed record BodySchema(NamedSchema Schema);
}

/// <summary>A schema that a feature makes itself.</summary>
/// <param name="Name">Its name in the API's description.</param>
/// <param name="Make">Makes it.</param>
internal sealed record NamedSchema(string Name, Func<OpenApiSchema> Make);
