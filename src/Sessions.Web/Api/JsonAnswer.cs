using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http;

namespace Sessions.Web.Api;

/// <summary>An answer with JSON.</summary>
/// <param name="write">Writes the JSON.</param>
/// <param name="statusCode">The status; 200 by default.</param>
internal sealed class JsonAnswer(Action<Utf8JsonWriter> write, int statusCode = StatusCodes.Status200OK) : IResult
{
    // The answer is not part of an HTML page, so only the characters that JSON requires are escaped.
    private static readonly JsonWriterOptions Writing = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Creates an answer with a value as JSON.</summary>
    public static JsonAnswer Of<T>(T value, JsonTypeInfo<T> type, int statusCode = StatusCodes.Status200OK) =>
        new(json => JsonSerializer.Serialize(json, value, type), statusCode);

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        // Written completely before the first byte is sent, so that an exception can still become an error answer.
        ArrayBufferWriter<byte> body = new();
        using (Utf8JsonWriter json = new(body, Writing))
        {
            write(json);
        }

        httpContext.Response.StatusCode = statusCode;
        httpContext.Response.ContentType = "application/json; charset=utf-8";
        httpContext.Response.Headers.CacheControl = "no-store";
        httpContext.Response.ContentLength = body.WrittenCount;
        await httpContext.Response.Body.WriteAsync(body.WrittenMemory, httpContext.RequestAborted);
    }
}
