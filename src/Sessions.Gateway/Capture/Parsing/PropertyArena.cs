namespace Sessions.Gateway.Capture.Parsing;

/// <summary>
/// Holds the properties of a request's events in a few arrays. They are not pooled: after a call that timed out a
/// grain may hold its events for longer than the request lives.
/// </summary>
/// <param name="expected">How many bytes will likely be taken: small requests get small arrays.</param>
internal sealed class PropertyArena(int expected)
{
    private const int ChunkBytes = 32 * 1024;

    private Memory<byte> _left;

    /// <summary>The bytes of all arrays.</summary>
    public long Bytes { get; private set; }

    public Memory<byte> Take(int length)
    {
        if (length > ChunkBytes / 4)
        {
            return NewArray(length);
        }

        if (length > _left.Length)
        {
            _left = NewArray((int)Math.Clamp(expected - Bytes, length, ChunkBytes));
        }

        Memory<byte> taken = _left[..length];
        _left = _left[length..];
        return taken;
    }

    private byte[] NewArray(int length)
    {
        Bytes += length;
        return GC.AllocateUninitializedArray<byte>(length);
    }
}
