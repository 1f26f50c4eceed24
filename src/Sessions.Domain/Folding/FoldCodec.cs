using System.Text.Json;
using System.Text.Json.Serialization;

namespace Sessions.Domain;

/// <summary>A fold's state as bytes, for its checkpoint. What it writes is read back the same.</summary>
public static class FoldCodec
{
    public static byte[] Write(SessionState state) =>
        JsonSerializer.SerializeToUtf8Bytes(state, FoldJson.Default.SessionState);

    /// <summary>Null when the bytes are of another version, or damaged: then the journal is folded anew.</summary>
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
