using System.Security.Cryptography;
using System.Text;

namespace Sessions.Domain;

/// <summary>What makes an event the same event within its session: its id, on its device.</summary>
public static class SeenKey
{
    /// <summary>Two devices may send the same id into one session: those are two events.</summary>
    /// <param name="eventId">The event's id.</param>
    /// <param name="device">The device that took it: <see cref="UserDeviceKey.Device"/>.</param>
    public static Guid Of(Guid eventId, string device)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(device), hash);
        Span<byte> id = stackalloc byte[16];
        eventId.TryWriteBytes(id);
        for (int i = 0; i < id.Length; i++)
        {
            id[i] ^= hash[i];
        }

        return new Guid(id);
    }
}
