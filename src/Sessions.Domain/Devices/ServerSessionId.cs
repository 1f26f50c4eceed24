using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Sessions.Domain.Devices;

/// <summary>Makes the ids of sessions that the server assigns.</summary>
public static class ServerSessionId
{
    // A UUIDv7 has 48 bits for milliseconds since 1970. Times outside that range are clamped.
    private const long MaxMilliseconds = (1L << 48) - 1;

    /// <summary>
    /// Makes a UUIDv7 from the first event's time. Its random bits are a hash of the device and the first event's id,
    /// so that a retry of that event gets the same session and not a second one.
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
