using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;
using Sessions.Gateway.Access;
using Sessions.Postgres.Queries;

namespace Sessions.Gateway.Api;

/// <summary>A key that somebody wants, as JSON has it.</summary>
/// <param name="Name">What people call it.</param>
/// <param name="Role">What it may do: <c>read</c> or <c>admin</c>.</param>
internal sealed record AskedKey(string? Name, string? Role);

/// <summary>Making, listing and revoking a project's API keys.</summary>
internal static class KeyEndpoints
{
    private const long MaxBodyBytes = 64 * 1024;

    public static void MapKeys(this IEndpointRouteBuilder api)
    {
        api.MapGet("/project/keys", List).WithName("ListKeys").WithSummary("The project's API keys, without the keys themselves.")
            .Answers("KeyPage");
        api.MapPost("/project/keys", Make).WithName("MakeKey").RequireAuthorization(AccessSchemes.ApiAdminPolicy)
            .WithSummary("Makes an API key. Only this answer has it, in \"key\".")
            .Takes("AskedKey").Answers("NewKey", StatusCodes.Status403Forbidden, StatusCodes.Status409Conflict);
        api.MapDelete("/project/keys/{id}", Revoke).WithName("RevokeKey").RequireAuthorization(AccessSchemes.ApiAdminPolicy)
            .WithSummary("Revokes an API key: at this gateway at once, at others within seconds.")
            .Produces(StatusCodes.Status204NoContent).ProducesProblem(StatusCodes.Status403Forbidden)
            .ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status400BadRequest)
            .ProducesProblem(StatusCodes.Status401Unauthorized).ProducesProblem(StatusCodes.Status503ServiceUnavailable);
    }

    private static async Task<IResult> List(HttpContext context, KeyRing ring, CancellationToken cancellation)
    {
        IReadOnlyList<ListedKey> keys = await ring.GetAll(context.User.Project(), cancellation);
        return new JsonAnswer(json => SessionJson.WritePage(json, keys, (writer, key) => Write(writer, key, secret: null), next: null));
    }

    private static async Task<IResult> Make(HttpContext context, KeyRing ring, CancellationToken cancellation)
    {
        AskedKey? asked = await Read(context, cancellation);
        if (asked is null)
        {
            return AskedFields.Refusal("body", "must be a JSON object with name and role");
        }

        AskedFields fields = new();
        if (KeyRing.NameFault(asked.Name) is { } nameFault)
        {
            fields.Refuse("name", nameFault);
        }

        if (KeyRing.RoleFault(asked.Role) is { } roleFault)
        {
            fields.Refuse("role", roleFault);
        }

        if (fields.Problem is { } problem)
        {
            return problem;
        }

        return await ring.Make(context.User, asked.Name!, asked.Role!, cancellation) is var (listed, key)
            ? new JsonAnswer(json => Write(json, listed, key.Text))
            : TypedResults.Problem(
                statusCode: StatusCodes.Status409Conflict,
                title: "The project has as many keys as it may have.",
                detail: $"A project may have {ring.Most} keys; revoke one that nobody uses.");
    }

    private static async Task<IResult> Revoke(string id, HttpContext context, KeyRing ring, CancellationToken cancellation)
    {
        if (!Guid.TryParseExact(id, "D", out Guid key))
        {
            return AskedFields.Refusal("id", "must be a key's id: a UUID of 36 characters");
        }

        return await ring.Revoke(context.User, key, cancellation)
            ? TypedResults.NoContent()
            : TypedResults.Problem(statusCode: StatusCodes.Status404NotFound, title: "The project has no such key.");
    }

    private static async Task<AskedKey?> Read(HttpContext context, CancellationToken cancellation)
    {
        context.Features.GetRequiredFeature<IHttpMaxRequestBodySizeFeature>().MaxRequestBodySize = MaxBodyBytes;
        try
        {
            using JsonDocument body = await JsonDocument.ParseAsync(context.Request.Body, default, cancellation);
            return body.RootElement.ValueKind == JsonValueKind.Object
                ? new AskedKey(Text(body.RootElement, "name"), Text(body.RootElement, "role"))
                : null;
        }
        catch (Exception malformed) when (malformed is JsonException or InvalidOperationException or BadHttpRequestException)
        {
            // Too large, or cut off. A string with half a character in it is only noticed when it is read.
            return null;
        }
    }

    private static string? Text(JsonElement body, string name) =>
        body.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static void Write(Utf8JsonWriter json, ListedKey key, string? secret)
    {
        json.WriteStartObject();
        if (key.Id is { } id)
        {
            json.WriteString("id", id);
        }
        else
        {
            json.WriteNull("id");
        }

        json.WriteString("name", key.Name);
        json.WriteString("role", key.Role);
        json.WriteString("ending", key.Ending);
        json.WriteString("created_at", PropertyText.Time(key.CreatedAt));
        if (secret is not null)
        {
            json.WriteString("key", secret);
        }

        json.WriteEndObject();
    }
}
