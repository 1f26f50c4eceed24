using System.Buffers;

namespace Sessions.Gateway.Capture.Body;

/// <summary>Bytes that grow up to a limit, in an array of the pool that is paid for out of the request's share.</summary>
internal sealed class PooledBytes : IDisposable
{
    private const int FirstSize = 16 * 1024;

    private readonly BodyShare share;
    private readonly int limit;
    private readonly string limitName;
    private byte[] array;

    /// <param name="share">What pays for the array.</param>
    /// <param name="limit">The most bytes that may be written.</param>
    /// <param name="limitName">The limit's name for people who run into it.</param>
    /// <param name="expected">How many bytes will likely be written.</param>
    public PooledBytes(BodyShare share, int limit, string limitName, long expected)
    {
        this.share = share;
        this.limit = limit;
        this.limitName = limitName;
        array = Rent((int)Math.Clamp(expected, FirstSize, Math.Max(limit, FirstSize)));
    }

    public int Length { get; private set; }

    public Span<byte> Written => array.AsSpan(0, Length);

    public MemoryStream OpenRead() => new(array, 0, Length, writable: false);

    /// <summary>
    /// Room for at least one byte more. Once the limit is reached there is still room for one byte: only when that
    /// is written is the body too large.
    /// </summary>
    public Memory<byte> Room()
    {
        if (Length == array.Length)
        {
            Grow();
        }

        return array.AsMemory(Length, Math.Min(array.Length - Length, limit - Length + 1));
    }

    /// <exception cref="CaptureRefusedException">That is more than the limit: 413.</exception>
    public void Advance(int count)
    {
        Length += count;
        if (Length > limit)
        {
            throw new CaptureRefusedException(
                CaptureRefusal.TooLarge($"The body exceeds {limit} bytes {limitName}."));
        }
    }

    public void Truncate(int length) => Length = Math.Min(length, Length);

    public void Dispose()
    {
        if (array.Length > 0)
        {
            Return(array);
            array = [];
            Length = 0;
        }
    }

    private void Grow()
    {
        byte[] larger = Rent((int)Math.Min(array.Length * 2L, limit + 1L));
        Written.CopyTo(larger);
        Return(array);
        array = larger;
    }

    private byte[] Rent(int size)
    {
        // Pools hand out powers of two; what they hand out is what is in memory, so that is what is paid.
        share.Take(size);
        byte[] rented = ArrayPool<byte>.Shared.Rent(size);
        try
        {
            share.Take(rented.Length - size);
        }
        catch (CaptureRefusedException)
        {
            ArrayPool<byte>.Shared.Return(rented);
            throw;
        }

        return rented;
    }

    private void Return(byte[] old)
    {
        share.GiveBack(old.Length);
        ArrayPool<byte>.Shared.Return(old);
    }
}
