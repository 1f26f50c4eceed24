using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Sessions.Gateway.Api;

/// <summary>Reads a request's body of JSON.</summary>
internal static class AskedBody
{
    /// <summary>What the body says; null, with the fault remembered in the fields, when it is no JSON or too large.</summary>
    public static async Task<T?> Read<T>(
        HttpContext context, AskedFields fields, long mostBytes, Func<JsonElement, T?> read, CancellationToken cancellation)
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
            fields.Refuse("body", $"must be at most {mostBytes} bytes");
        }
        catch (Exception malformed) when (malformed is JsonException or InvalidOperationException)
        {
            // A string with half a character in it is only noticed when it is read.
            fields.Refuse("body", "must be valid JSON");
        }

        return null;
    }
}
