using System.Net;
using System.Net.Sockets;

namespace Sessions.Capture.Body;

/// <summary>
/// Counts the bytes of all bodies in memory, so that the gateway refuses requests under overload and does not run out
/// of memory. A part of the budget is reserved for small requests, so that large ones can't block them. Once half of
/// the budget is used, a client that exceeds its share is refused: no client alone can use up the budget. Before that
/// point there are no shares.
/// </summary>
internal sealed class BodyBudget
{
    /// <summary>The most bytes that a small request holds. A body of 64 KiB fits, compressed and inflated.</summary>
    public const long SmallRequest = 256 << 10;

    // Clients are counted in slots, by a hash that differs in each process. Two clients in one slot have one share
    // together. Counting costs an addition for each request and no memory.
    private const int Slots = 8192;

    private readonly long _limit;
    private readonly long _limitOfLarge;
    private readonly long _busy;
    private readonly long _share;
    private readonly long[] _ofClients = new long[Slots];
    private long _inHand;

    public BodyBudget(CaptureOptions options)
    {
        _limit = options.MaxBytesInHand;
        _limitOfLarge = _limit - (long)(_limit * options.ShareOfSmallBodies);
        // A body of the largest size fits in a gateway that holds nothing else.
        _busy = Math.Max(_limit / 2, Math.Min(options.LargestInHand, _limitOfLarge));
        _share = (long)(_limit * options.ShareOfClient);
    }

    public long InHand => Volatile.Read(ref _inHand);

    /// <summary>
    /// The slot in which a client's bytes are counted. An IPv6 network is one client, because one machine can use all
    /// of its addresses.
    /// </summary>
    public static int SlotOf(IPAddress? client)
    {
        if (client is null)
        {
            return 0;
        }

        Span<byte> bytes = stackalloc byte[16];
        client.TryWriteBytes(bytes, out int written);
        HashCode hash = default;
        hash.AddBytes(bytes[..(client.AddressFamily == AddressFamily.InterNetworkV6 ? 8 : written)]);
        return (int)((uint)hash.ToHashCode() % Slots);
    }

    /// <summary>Takes bytes out of the budget. Takes none and returns false when they don't fit.</summary>
    /// <param name="bytes">The number of bytes.</param>
    /// <param name="slot">The client's slot: <see cref="SlotOf"/>.</param>
    /// <param name="isSmall">Whether the request is still a small one with these bytes.</param>
    public bool TryTake(long bytes, int slot = 0, bool isSmall = true)
    {
        long inHand = Interlocked.Add(ref _inHand, bytes);
        long ofClient = Interlocked.Add(ref _ofClients[slot], bytes);
        if (inHand <= (isSmall ? _limit : _limitOfLarge) && (inHand <= _busy || ofClient <= _share))
        {
            return true;
        }

        GiveBack(bytes, slot);
        return false;
    }

    public void GiveBack(long bytes, int slot = 0)
    {
        Interlocked.Add(ref _ofClients[slot], -bytes);
        Interlocked.Add(ref _inHand, -bytes);
    }
}

/// <summary>
/// The bytes that one request has taken out of the budget. They are given back when the request ends.
/// </summary>
internal sealed class BodyShare(BodyBudget budget) : IDisposable
{
    private long _taken;
    private int _slot;

    /// <summary>Sets the request's client. Must be called before <see cref="Take"/>.</summary>
    public void BelongsTo(IPAddress? client) => _slot = BodyBudget.SlotOf(client);

    /// <exception cref="CaptureRefusedException">The budget has no room: 503.</exception>
    public void Take(long bytes)
    {
        if (!budget.TryTake(bytes, _slot, isSmall: _taken + bytes <= BodyBudget.SmallRequest))
        {
            throw new CaptureRefusedException(CaptureRefusal.Overloaded());
        }

        _taken += bytes;
    }

    public void GiveBack(long bytes)
    {
        budget.GiveBack(bytes, _slot);
        _taken -= bytes;
    }

    public void Dispose() => GiveBack(_taken);
}
