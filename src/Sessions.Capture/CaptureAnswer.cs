using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace Sessions.Capture;

/// <summary>Writes the answers of capture. SDKs retry a 202 or 204, so success is always 200 with JSON.</summary>
internal static class CaptureAnswer
{
    private static readonly byte[] OkBody = """{"status":"Ok"}"""u8.ToArray();

    /// <summary>All events are durable.</summary>
    public static Task Ok(HttpContext context)
    {
        context.Response.ContentType = "application/json";
        context.Response.ContentLength = OkBody.Length;
        return context.Response.Body.WriteAsync(OkBody, context.RequestAborted).AsTask();
    }

    /// <summary>The events are durable, except the dropped ones. The answer names these and the warnings.</summary>
    public static Task Ok(HttpContext context, IReadOnlyList<EventNote> dropped, IReadOnlyList<EventNote> warnings)
    {
        if (dropped.Count == 0 && warnings.Count == 0)
        {
            return Ok(context);
        }

        context.Response.ContentType = "application/json";
        return Write(context, json =>
        {
            json.WriteString("status"u8, "Ok"u8);
            WriteNotes(json, "dropped", dropped);
            WriteNotes(json, "warnings", warnings);
        });
    }

    /// <summary>No event was accepted, or not all could be made durable.</summary>
    public static Task Refuse(
        HttpContext context, CaptureRefusal refusal, IReadOnlyList<EventNote> dropped, TimeSpan retryAfter)
    {
        context.Response.StatusCode = refusal.Status;
        context.Response.ContentType = "application/problem+json";
        if (refusal.Status is StatusCodes.Status503ServiceUnavailable or StatusCodes.Status429TooManyRequests)
        {
            context.Response.Headers.RetryAfter = Math.Ceiling((refusal.RetryAfter ?? retryAfter).TotalSeconds).ToString("0", null);
        }

        return Write(context, json =>
        {
            json.WriteNumber("status"u8, refusal.Status);
            json.WriteString("title"u8, Title(refusal.Status));
            json.WriteString("detail"u8, refusal.Detail);
            if (refusal.QuotaLimited is { } kind)
            {
                json.WriteStartArray("quota_limited"u8);
                json.WriteStringValue(kind);
                json.WriteEndArray();
            }

            WriteNotes(json, "dropped", dropped);
        });
    }

    private static string Title(int status) => status switch
    {
        StatusCodes.Status400BadRequest => "Nothing usable in the body",
        StatusCodes.Status401Unauthorized => "No valid project token",
        StatusCodes.Status408RequestTimeout => "The body arrived too slowly",
        StatusCodes.Status413PayloadTooLarge => "Too large",
        StatusCodes.Status429TooManyRequests => "Over the project's quota",
        StatusCodes.Status503ServiceUnavailable => "Not available now",
        _ => "Refused",
    };

    private static async Task Write(HttpContext context, Action<Utf8JsonWriter> members)
    {
        await using var json = new Utf8JsonWriter(context.Response.BodyWriter);
        json.WriteStartObject();
        members(json);
        json.WriteEndObject();
    }

    private static void WriteNotes(Utf8JsonWriter json, string name, IReadOnlyList<EventNote> notes)
    {
        if (notes.Count == 0)
        {
            return;
        }

        json.WriteStartArray(name);
        foreach (EventNote note in notes)
        {
            json.WriteStartObject();
            json.WriteNumber("index"u8, note.Index);
            json.WriteString("reason"u8, note.Reason);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }
}
