namespace Sessions.Gateway.Capture.Parsing;

/// <summary>
/// Holds the properties of a request's events in a few arrays. They are not pooled: after a call that timed out a
/// grain may hold its events for longer than the request lives.
/// </summary>
internal sealed class PropertyArena
{
    private const int ChunkBytes = 32 * 1024;

    private Memory<byte> left;

    /// <summary>The bytes of all arrays.</summary>
    public long Bytes { get; private set; }

    public Memory<byte> Take(int length)
    {
        if (length > ChunkBytes / 4)
        {
            return NewArray(length);
        }

        if (length > left.Length)
        {
            left = NewArray(ChunkBytes);
        }

        Memory<byte> taken = left[..length];
        left = left[length..];
        return taken;
    }

    private byte[] NewArray(int length)
    {
        Bytes += length;
        return GC.AllocateUninitializedArray<byte>(length);
    }
}
