using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace Sessions.Gateway.Api;

/// <summary>An answer of 200 with JSON that is written by hand.</summary>
internal sealed class JsonAnswer(Action<Utf8JsonWriter> write) : IResult
{
    // The answer is no part of an HTML page, so only what JSON itself asks for is escaped.
    private static readonly JsonWriterOptions Writing = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        // Written to the end before anything is sent, so that a fault on the way is still answered as one.
        ReadOnlyMemory<byte> body = Body();
        httpContext.Response.ContentType = "application/json; charset=utf-8";
        httpContext.Response.Headers.CacheControl = "no-store";
        httpContext.Response.ContentLength = body.Length;
        await httpContext.Response.Body.WriteAsync(body, httpContext.RequestAborted);
    }

    /// <summary>The JSON.</summary>
    public ReadOnlyMemory<byte> Body()
    {
        ArrayBufferWriter<byte> body = new();
        using (Utf8JsonWriter json = new(body, Writing))
        {
            write(json);
        }

        return body.WrittenMemory;
    }
}
