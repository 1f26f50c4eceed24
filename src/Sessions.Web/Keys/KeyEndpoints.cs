using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;
using Sessions.Queries;
using Sessions.Web.Access;
using Sessions.Web.Api;

namespace Sessions.Web.Keys;

/// <summary>Creates, lists and revokes a project's API keys.</summary>
internal static class KeyEndpoints
{
    private const long MaxBodyBytes = 64 * 1024;

    public static void MapKeys(this IEndpointRouteBuilder api)
    {
        api.MapGet("/project/keys", List).WithName("ListKeys").WithSummary("The project's API keys, without the keys themselves.")
            .Answers<PageJson<KeyJson>>();
        api.MapPost("/project/keys", Make).WithName("MakeKey").RequireAuthorization(AccessSchemes.ApiAdminPolicy)
            .WithSummary("Creates an API key. Only this answer contains the key itself, in \"key\".")
            .Takes<KeyRequestJson>().Answers<NewKeyJson>(StatusCodes.Status403Forbidden, StatusCodes.Status409Conflict);
        api.MapDelete("/project/keys/{id}", Revoke).WithName("RevokeKey").RequireAuthorization(AccessSchemes.ApiAdminPolicy)
            .WithSummary("Revokes an API key. This gateway refuses it at once, others within seconds.")
            .Produces(StatusCodes.Status204NoContent).ProducesProblem(StatusCodes.Status403Forbidden)
            .ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status400BadRequest)
            .ProducesProblem(StatusCodes.Status401Unauthorized).ProducesProblem(StatusCodes.Status503ServiceUnavailable);
    }

    private static async Task<IResult> List(HttpContext context, KeyRing ring, CancellationToken cancellation)
    {
        IReadOnlyList<ListedKey> keys = await ring.GetAll(context.User.Project(), cancellation);
        return JsonAnswer.Of(new PageJson<KeyJson>([.. keys.Select(KeyJson.Of)], Next: null), KeyJsonContext.Default.PageJsonKeyJson);
    }

    private static async Task<IResult> Make(HttpContext context, KeyRing ring, CancellationToken cancellation)
    {
        KeyRequestJson? asked = await Read(context, cancellation);
        if (asked is null)
        {
            return RequestErrors.Refusal("body", "must be a JSON object with name and role, and expires_at if the key shall expire");
        }

        RequestErrors fields = new();
        if (KeyRing.NameFault(asked.Name) is { } nameFault)
        {
            fields.Refuse("name", nameFault);
        }

        if (KeyRing.RoleFault(asked.Role) is { } roleFault)
        {
            fields.Refuse("role", roleFault);
        }

        DateTimeOffset? expiresAt = null;
        if (asked.ExpiresAt is { ValueKind: not JsonValueKind.Null } end)
        {
            expiresAt = end.ValueKind == JsonValueKind.String ? RequestTime.Absolute(end.GetString()!) : null;
            if ((expiresAt is { } at ? ring.EndFault(at) : "must be a time in ISO 8601, such as 2027-01-31T12:00:00Z, or null") is { } endFault)
            {
                fields.Refuse("expires_at", endFault);
            }
        }

        if (fields.Problem is { } problem)
        {
            return problem;
        }

        return await ring.Make(context.User, asked.Name!, asked.Role!, expiresAt, cancellation) is var (listed, key)
            ? JsonAnswer.Of(NewKeyJson.Of(listed, key.Text), KeyJsonContext.Default.NewKeyJson)
            : TypedResults.Problem(
                statusCode: StatusCodes.Status409Conflict,
                title: "The project has the most keys allowed.",
                detail: $"A project may have {ring.Most} keys. Revoke one that is not in use.");
    }

    private static async Task<IResult> Revoke(string id, HttpContext context, KeyRing ring, CancellationToken cancellation)
    {
        if (!Guid.TryParseExact(id, "D", out Guid key))
        {
            return RequestErrors.Refusal("id", "must be a key's id: a UUID of 36 characters");
        }

        return await ring.Revoke(context.User, key, cancellation)
            ? TypedResults.NoContent()
            : TypedResults.Problem(statusCode: StatusCodes.Status404NotFound, title: "The project has no such key.");
    }

    private static async Task<KeyRequestJson?> Read(HttpContext context, CancellationToken cancellation)
    {
        context.Features.GetRequiredFeature<IHttpMaxRequestBodySizeFeature>().MaxRequestBodySize = MaxBodyBytes;
        try
        {
            return await JsonSerializer.DeserializeAsync(context.Request.Body, KeyJsonContext.Default.KeyRequestJson, cancellation);
        }
        catch (Exception malformed) when (malformed is JsonException or InvalidOperationException or BadHttpRequestException)
        {
            // The body is too large or incomplete, or it has a lone surrogate in a string, which the parser finds only
            // when it reads the string.
            return null;
        }
    }
}
