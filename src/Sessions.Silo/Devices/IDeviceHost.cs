using Sessions.Domain;
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

    /// <summary>The session's grain, to append events to it.</summary>
    ISessionWriter Session(Guid sessionId);

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
