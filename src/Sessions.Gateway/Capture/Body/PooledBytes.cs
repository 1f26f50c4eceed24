using System.Buffers;

namespace Sessions.Gateway.Capture.Body;

/// <summary>
/// Bytes that grow up to a limit, in an array that is paid for out of the request's share. What is paid follows what is
/// written, never what somebody says will be: the array is at most twice as large as its bytes. Small ones come from the
/// pool.
/// </summary>
internal sealed class PooledBytes : IDisposable
{
    private const int FirstSize = 16 * 1024;

    // The pool keeps what it gets back, for each thread and each processor, where no share pays for it: after a few
    // large bodies that would be a gigabyte.
    private const int LargestPooled = 1 << 20;

    private readonly BodyShare _share;
    private readonly int _limit;
    private readonly string _limitName;
    private readonly long _expected;
    private byte[] _array;

    /// <param name="share">What pays for the array.</param>
    /// <param name="limit">The most bytes that may be written.</param>
    /// <param name="limitName">The limit's name for people who run into it.</param>
    /// <param name="expected">
    /// How many bytes are said to come. Nobody has to keep that: it only saves the last doubling from going beyond it.
    /// </param>
    public PooledBytes(BodyShare share, int limit, string limitName, long expected)
    {
        _share = share;
        _limit = limit;
        _limitName = limitName;
        _expected = expected;
        _array = Rent(FirstSize, paid: 0);
    }

    public int Length { get; private set; }

    public Span<byte> Written => _array.AsSpan(0, Length);

    public MemoryStream OpenRead() => new(_array, 0, Length, writable: false);

    /// <summary>
    /// Room for at least one byte more. Once the limit is reached there is still room for one byte: only when that
    /// is written is the body too large.
    /// </summary>
    public Memory<byte> Room()
    {
        if (Length == _array.Length)
        {
            Grow();
        }

        return _array.AsMemory(Length, Math.Min(_array.Length - Length, _limit - Length + 1));
    }

    /// <exception cref="CaptureRefusedException">That is more than the limit: 413.</exception>
    public void Advance(int count)
    {
        Length += count;
        if (Length > _limit)
        {
            throw new CaptureRefusedException(
                CaptureRefusal.TooLarge($"The body exceeds {_limit} bytes {_limitName}."));
        }
    }

    /// <summary>Writes all of the bytes.</summary>
    /// <exception cref="CaptureRefusedException">That is more than the limit, or the share can't pay for it.</exception>
    public void Append(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            Span<byte> room = Room().Span;
            int count = Math.Min(room.Length, bytes.Length);
            bytes[..count].CopyTo(room);
            Advance(count);
            bytes = bytes[count..];
        }
    }

    public void Truncate(int length) => Length = Math.Min(length, Length);

    public void Dispose()
    {
        if (_array.Length > 0)
        {
            Return(_array);
            _array = [];
            Length = 0;
        }
    }

    private void Grow()
    {
        long doubled = Math.Min(_array.Length * 2L, _limit + 1L);
        byte[] larger = Rent((int)(_expected > _array.Length ? Math.Min(doubled, _expected) : doubled), paid: _array.Length);
        Written.CopyTo(larger);
        Reclaim(_array);
        _array = larger;
    }

    /// <summary>An array that is paid for, less what was paid for the one that it takes the place of.</summary>
    private byte[] Rent(int size, int paid)
    {
        _share.Take(size - paid);
        if (size > LargestPooled)
        {
            return GC.AllocateUninitializedArray<byte>(size);
        }

        // The pool hands out powers of two; what it hands out is what is in memory, so that is what is paid.
        byte[] rented = ArrayPool<byte>.Shared.Rent(size);
        try
        {
            _share.Take(rented.Length - size);
        }
        catch (CaptureRefusedException)
        {
            ArrayPool<byte>.Shared.Return(rented);
            _share.GiveBack(size - paid);
            throw;
        }

        return rented;
    }

    private void Return(byte[] old)
    {
        _share.GiveBack(old.Length);
        Reclaim(old);
    }

    private static void Reclaim(byte[] old)
    {
        if (old.Length <= LargestPooled)
        {
            ArrayPool<byte>.Shared.Return(old);
        }
    }
}
