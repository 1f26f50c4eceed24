using System.Net;
using System.Net.Sockets;

namespace Sessions.Web.Access;

/// <summary>
/// Slows down guessing of keys: an address that sent too many wrong keys is refused for a while, with any key but those
/// that it used successfully before. So programs behind the same address as a guesser go on. Thread-safe.
/// </summary>
/// <param name="perMinute">The wrong keys that an address may send in a minute, and at once.</param>
/// <param name="time">The clock.</param>
internal sealed class GuessLimit(int perMinute, TimeProvider time)
{
    // Addresses are remembered for one to two of these, and the memory is bounded by their number.
    private static readonly TimeSpan Generation = TimeSpan.FromMinutes(10);
    private const int MostAddresses = 10_000;
    private const int MostKeys = 16;

    private readonly Lock _lock = new();
    private Dictionary<IPAddress, Record> _recent = [];
    private Dictionary<IPAddress, Record> _older = [];
    private long _begun = time.GetTimestamp();

    /// <summary>How long the address must wait until its next key is looked at; zero when it need not.</summary>
    /// <param name="address">The address; null when it is unknown. All unknown ones count as one.</param>
    /// <param name="mark">The mark of the valid key that it sent; null for a wrong key, which counts.</param>
    public TimeSpan Check(IPAddress? address, string? mark)
    {
        lock (_lock)
        {
            Record record = Find(Network(address));
            double left = record.Left(perMinute, time);
            if (mark is not null && (left >= 1 || record.Keys.Contains(mark)))
            {
                record.Use(mark);
                return TimeSpan.Zero;
            }

            if (left < 1)
            {
                return TimeSpan.FromMinutes((1 - left) / perMinute);
            }

            if (mark is null)
            {
                record.Tokens = left - 1;
                record.At = time.GetTimestamp();
            }

            return TimeSpan.Zero;
        }
    }

    /// <summary>An address without its last bits: who has an IPv6 address usually has 2^64 of them.</summary>
    internal static IPAddress Network(IPAddress? address)
    {
        if (address is not { AddressFamily: AddressFamily.InterNetworkV6 })
        {
            return address ?? IPAddress.None;
        }

        byte[] bytes = address.GetAddressBytes();
        bytes.AsSpan(8).Clear();
        return new IPAddress(bytes);
    }

    private Record Find(IPAddress network)
    {
        if (_recent.Count >= MostAddresses || time.GetElapsedTime(_begun) >= Generation)
        {
            (_older, _recent, _begun) = (_recent, [], time.GetTimestamp());
        }

        if (!_recent.TryGetValue(network, out Record? record))
        {
            record = _older.GetValueOrDefault(network) ?? new Record(perMinute, time.GetTimestamp());
            _recent.Add(network, record);
        }

        return record;
    }

    private sealed class Record(double tokens, long at)
    {
        public double Tokens { get; set; } = tokens;

        public long At { get; set; } = at;

        public HashSet<string> Keys { get; } = [];

        public double Left(int perMinute, TimeProvider time) =>
            Math.Min(perMinute, Tokens + (time.GetElapsedTime(At).TotalMinutes * perMinute));

        public void Use(string mark)
        {
            if (Keys.Count < MostKeys)
            {
                Keys.Add(mark);
            }
        }
    }
}
