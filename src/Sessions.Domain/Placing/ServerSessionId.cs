using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Sessions.Domain;

/// <summary>Ids of the sessions that the server makes.</summary>
public static class ServerSessionId
{
    // UUIDv7 holds 48 bits of milliseconds since 1970: times before and after are kept within.
    private const long MaxMilliseconds = (1L << 48) - 1;

    /// <summary>
    /// A UUIDv7 of the first event's time. Its random bits are a hash of the device and the first event's id, so a
    /// retry of that event makes the same session and not a second one.
    /// </summary>
    public static Guid Create(UserDeviceKey device, DateTimeOffset firstEventTime, Guid firstEventId)
    {
        byte[] key = Encoding.UTF8.GetBytes(device.ToString());
        byte[] input = new byte[key.Length + 16];
        key.CopyTo(input, 0);
        firstEventId.TryWriteBytes(input.AsSpan(key.Length), bigEndian: true, out _);

        Span<byte> id = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(input, id);
        Span<byte> time = stackalloc byte[8];
        BinaryPrimitives.WriteInt64BigEndian(time, Math.Clamp(firstEventTime.ToUnixTimeMilliseconds(), 0, MaxMilliseconds));
        time[2..].CopyTo(id);
        id[6] = (byte)((id[6] & 0x0F) | 0x70);
        id[8] = (byte)((id[8] & 0x3F) | 0x80);
        return new Guid(id[..16], bigEndian: true);
    }
}
