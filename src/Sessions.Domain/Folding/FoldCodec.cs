using System.Text.Json;
using System.Text.Json.Serialization;

namespace Sessions.Domain.Folding;

/// <summary>Converts a fold's state to bytes for its checkpoint, and back.</summary>
public static class FoldCodec
{
    /// <summary>Writes a state.</summary>
    public static byte[] Write(SessionState state) =>
        JsonSerializer.SerializeToUtf8Bytes(state, FoldJson.Default.SessionState);

    /// <summary>
    /// Reads a state. Null when the bytes have another version or are damaged: then the journal must be folded again.
    /// </summary>
    public static SessionState? TryRead(short foldVersion, ReadOnlySpan<byte> bytes)
    {
        if (foldVersion != SessionFold.FoldVersion)
        {
            return null;
        }

        try
        {
            return JsonSerializer.Deserialize(bytes, FoldJson.Default.SessionState);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

[JsonSourceGenerationOptions(DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(SessionState))]
internal sealed partial class FoldJson : JsonSerializerContext;
