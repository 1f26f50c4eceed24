using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Sessions.Database.Properties;

namespace Sessions.Database.Webhooks;

/// <summary>
/// The body of a webhook delivery: <c>type</c>, <c>timestamp</c>, the session's <c>version</c>, and the session as
/// <c>data</c>.
/// </summary>
public static class WebhookPayload
{
    /// <summary>The type of a test delivery, which a user requests to see whether it arrives.</summary>
    public const string Test = "webhook.test";

    private static readonly JsonWriterOptions Writing = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The body of a delivery about a session.</summary>
    /// <param name="type">The type of the event.</param>
    /// <param name="at">When.</param>
    /// <param name="session">The session as it was then.</param>
    public static string Write(string type, DateTimeOffset at, Session session) =>
        Write(type, at, session.Version, json => PropertyJson.Write(json, SessionRow.From(session)));

    /// <summary>The body of a test.</summary>
    public static string WriteTest(DateTimeOffset at) => Write(Test, at, 0, json =>
    {
        json.WriteStartObject();
        json.WriteEndObject();
    });

    private static string Write(string type, DateTimeOffset at, long version, Action<Utf8JsonWriter> writeData)
    {
        ArrayBufferWriter<byte> body = new(2048);
        using (Utf8JsonWriter json = new(body, Writing))
        {
            json.WriteStartObject();
            json.WriteString("type", type);
            json.WriteString("timestamp", PropertyJson.Time(at));
            json.WriteNumber("version", version);
            json.WritePropertyName("data");
            writeData(json);
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(body.WrittenSpan);
    }
}
