using System.Buffers;

namespace Sessions.Capture.Body;

/// <summary>
/// Bytes that grow up to a limit. The request's share pays for the array. The price follows the bytes that are
/// written, not the length that the sender claims: the array is at most twice as large as its bytes. Small arrays come
/// from the pool.
/// </summary>
internal sealed class PooledBytes : IDisposable
{
    private const int FirstSize = 16 * 1024;

    // The pool keeps returned arrays for each thread and each processor, and no share pays for them. A few large
    // bodies would leave a gigabyte there.
    private const int LargestPooled = 1 << 20;

    private readonly BodyShare _share;
    private readonly int _limit;
    private readonly string _limitName;
    private readonly long _expected;
    private byte[] _array;

    /// <param name="share">The share that pays for the array.</param>
    /// <param name="limit">The most bytes that may be written.</param>
    /// <param name="limitName">The name of the limit in the error message.</param>
    /// <param name="expected">
    /// How many bytes the sender announced. The number may be wrong: it only keeps the last doubling from going beyond
    /// it.
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
    /// Returns room for at least one more byte. At the limit there is still room for one byte; a sender that fills it
    /// has exceeded the limit.
    /// </summary>
    public Memory<byte> Room()
    {
        if (Length == _array.Length)
        {
            Grow();
        }

        return _array.AsMemory(Length, Math.Min(_array.Length - Length, _limit - Length + 1));
    }

    /// <exception cref="CaptureRefusedException">The bytes exceed the limit: 413.</exception>
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
    /// <exception cref="CaptureRefusedException">
    /// The bytes exceed the limit, or the share can't pay for them.
    /// </exception>
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

    /// <summary>Rents an array and pays for it, less what was paid for the array that it replaces.</summary>
    private byte[] Rent(int size, int paid)
    {
        _share.Take(size - paid);
        if (size > LargestPooled)
        {
            return GC.AllocateUninitializedArray<byte>(size);
        }

        // The pool hands out powers of two. The request pays for the array's real size.
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
