using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Sessions.Domain;

/// <summary>
/// By what a session knows an event again: its id, on its device. Whether it is that event, and not another one with its
/// id, <see cref="EventContent"/> tells.
/// </summary>
public static class SeenKey
{
    /// <summary>Two devices may send the same id into one session: those are two events.</summary>
    /// <param name="eventId">The event's id.</param>
    /// <param name="device">The device that took it: <see cref="UserDeviceKey.Device"/>.</param>
    public static Guid Of(Guid eventId, string device) => Of(eventId, MaskOf(device));

    /// <summary>The same for many events of a device, whose name then is hashed once.</summary>
    /// <param name="eventId">The event's id.</param>
    /// <param name="mask">What <see cref="MaskOf"/> made of the device.</param>
    public static Guid Of(Guid eventId, UInt128 mask)
    {
        Span<byte> id = stackalloc byte[16];
        eventId.TryWriteBytes(id);
        return new Guid(MemoryMarshal.AsBytes([MemoryMarshal.Read<UInt128>(id) ^ mask]));
    }

    /// <summary>What a device adds to its events' ids.</summary>
    public static UInt128 MaskOf(string device)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        TextHash.Of(device, hash);
        return MemoryMarshal.Read<UInt128>(hash);
    }
}
