using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Sessions.Domain.Folding;

/// <summary>
/// The key by which a session recognises an event: the event's id and its device. <see cref="EventContent"/> decides
/// whether two events with one key are the same event.
/// </summary>
public static class SeenKey
{
    /// <summary>
    /// Makes the key. Events of two devices with the same id are two events, so the key contains the device.
    /// </summary>
    /// <param name="eventId">The event's id.</param>
    /// <param name="device">The device that took it: <see cref="UserDeviceKey.Device"/>.</param>
    public static Guid Of(Guid eventId, string device) => Of(eventId, MaskOf(device));

    /// <summary>
    /// Makes the key with a precomputed mask, so that the device's name is hashed once for many events.
    /// </summary>
    /// <param name="eventId">The event's id.</param>
    /// <param name="mask">The device's mask from <see cref="MaskOf"/>.</param>
    public static Guid Of(Guid eventId, UInt128 mask)
    {
        Span<byte> id = stackalloc byte[16];
        eventId.TryWriteBytes(id);
        return new Guid(MemoryMarshal.AsBytes([MemoryMarshal.Read<UInt128>(id) ^ mask]));
    }

    /// <summary>The mask of a device, which is combined with the ids of its events.</summary>
    public static UInt128 MaskOf(string device)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        TextHash.Of(device, hash);
        return MemoryMarshal.Read<UInt128>(hash);
    }
}
