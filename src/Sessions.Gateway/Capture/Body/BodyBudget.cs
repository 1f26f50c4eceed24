using System.Net;
using System.Net.Sockets;

namespace Sessions.Gateway.Capture.Body;

/// <summary>
/// Counts the bytes of bodies in hand, so that overload is refused and not swallowed. A part is kept for small requests,
/// so that those get in while large ones fill the rest. Once half of it is in hand, a client that has more than its
/// share gets no more: nobody alone can take it all, and while there is room nobody is held to a share.
/// </summary>
internal sealed class BodyBudget
{
    /// <summary>A request that holds no more is a small one. A body of 64 KiB, packed and unpacked, has room in it.</summary>
    public const long SmallRequest = 256 << 10;

    // Clients are counted in slots, by a hash that differs in each process: two in one slot share their share. That costs
    // an event one addition and no memory.
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
        // One body of the largest size has room in a gateway that has nothing else in hand.
        _busy = Math.Max(_limit / 2, Math.Min(options.LargestInHand, _limitOfLarge));
        _share = (long)(_limit * options.ShareOfClient);
    }

    public long InHand => Volatile.Read(ref _inHand);

    /// <summary>The slot in which a client's bytes are counted. A network of IPv6 is one client: a machine has all of it.</summary>
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

    /// <summary>Takes bytes out of the budget, or nothing when they don't fit.</summary>
    /// <param name="bytes">How many.</param>
    /// <param name="slot">Whose they are: <see cref="SlotOf"/>.</param>
    /// <param name="isSmall">Whether the request is a small one with them.</param>
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

/// <summary>What one request has taken out of the budget; given back when the request is over.</summary>
internal sealed class BodyShare(BodyBudget budget) : IDisposable
{
    private long _taken;
    private int _slot;

    /// <summary>Says whose request it is, before it takes anything.</summary>
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
