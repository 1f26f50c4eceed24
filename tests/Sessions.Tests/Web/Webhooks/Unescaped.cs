using System.Text.Encodings.Web;
using System.Text.Json;

namespace Sessions.Tests.Web.Webhooks;

/// <summary>JSON as the API writes it.</summary>
internal static class Unescaped
{
    public static readonly JsonSerializerOptions Json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
}
