namespace Sessions.Capture.Parsing;

/// <summary>
/// Holds the properties of a request's events in a few arrays. The arrays are not pooled: after a call that timed out,
/// a grain may still use the events when the request has ended.
/// </summary>
/// <param name="expected">The expected number of bytes, so that small requests get small arrays.</param>
internal sealed class PropertyArena(int expected)
{
    private const int ChunkBytes = 32 * 1024;

    private Memory<byte> _left;

    /// <summary>The size of all arrays in bytes.</summary>
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
