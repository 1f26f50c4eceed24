using Sessions.Domain;
using Sessions.Domain.Folding;
using Sessions.Silo.Sessions;

namespace Sessions.Silo.Devices;

/// <summary>What a device's activation needs from its grain.</summary>
internal interface IDeviceHost
{
    /// <summary>Returns when this silo is sure to be a member of its cluster.</summary>
    /// <exception cref="SessionsUnavailableException">
    /// It is not a member, or the membership table can't be read now.
    /// </exception>
    ValueTask IsMember();

    /// <summary>Reads the project's current rules.</summary>
    ValueTask<SessionRules> Rules();

    /// <summary>The session's grain.</summary>
    ISessionWriter Session(Guid sessionId);

    /// <summary>Appends events to a session.</summary>
    /// <param name="sessionId">The session.</param>
    /// <param name="caller">The device that calls.</param>
    /// <param name="receivedAt">When the device received the events.</param>
    /// <param name="events">The events.</param>
    /// <param name="isExpected">Whether the session's owner, another device, was told to expect that the session goes on.</param>
    /// <exception cref="SessionsUnavailableException">They can't be made durable now.</exception>
    Task<AppendResult> Append(
        Guid sessionId, DeviceEpoch caller, DateTimeOffset receivedAt, IReadOnlyList<PlacedEvent> events, bool isExpected) =>
        Session(sessionId).Append(caller, receivedAt, events, isExpected);

    /// <summary>Reads a session as the API shows it; null when there is none.</summary>
    Task<Session?> Read(Guid sessionId);

    /// <summary>Another device's grain.</summary>
    IDeviceHeir Device(UserDeviceKey device);

    /// <summary>
    /// Calls <see cref="DeviceActivation.OnTimer"/> after that time. Replaces a time that was set before.
    /// </summary>
    void SetTimer(TimeSpan due);

    /// <summary>Removes the device from memory when no call is running any more.</summary>
    void Deactivate();
}
