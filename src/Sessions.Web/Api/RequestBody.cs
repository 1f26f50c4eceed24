using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Sessions.Web.Api;

/// <summary>Reads the JSON body of a request.</summary>
internal static class RequestBody
{
    /// <summary>
    /// Returns the body's value. Returns null and adds a fault when the body is not JSON or too large.
    /// </summary>
    public static async Task<T?> Read<T>(
        HttpContext context, RequestErrors errors, long mostBytes, Func<JsonElement, T?> read, CancellationToken cancellation)
        where T : class
    {
        context.Features.GetRequiredFeature<IHttpMaxRequestBodySizeFeature>().MaxRequestBodySize = mostBytes;
        try
        {
            using JsonDocument body = await JsonDocument.ParseAsync(context.Request.Body, default, cancellation);
            return read(body.RootElement);
        }
        catch (BadHttpRequestException broken) when (broken.StatusCode == StatusCodes.Status413PayloadTooLarge)
        {
            errors.Refuse("body", $"must be at most {mostBytes} bytes");
        }
        catch (Exception malformed) when (malformed is JsonException or InvalidOperationException)
        {
            // The parser finds a lone surrogate in a string only when it reads the string.
            errors.Refuse("body", "must be valid JSON");
        }

        return null;
    }
}
