using System.Buffers;
using System.Text;
using System.Text.Json;
using Sessions.Database.Properties;
using Sessions.Web.Browsing;

namespace Sessions.Web.Live;

/// <summary>A message of a live stream, serialized once for all streams.</summary>
internal static class LiveMessage
{
    private static readonly JsonWriterOptions Writing =
        new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static byte[] Started(SessionRow session) => Write("session_started", session);

    public static byte[] Updated(SessionRow session) => Write("session_updated", session);

    public static byte[] Ended(SessionRow session) => Write("session_ended", session);

    private static byte[] Write(string name, SessionRow session)
    {
        ArrayBufferWriter<byte> message = new(2048);
        message.Write(Encoding.ASCII.GetBytes($"event: {name}\ndata: "));
        // JSON escapes line breaks, so the data is one line.
        using (Utf8JsonWriter json = new(message, Writing))
        {
            SessionJson.WriteLive(json, session);
        }

        message.Write("\n\n"u8);
        return message.WrittenSpan.ToArray();
    }
}
