using Sessions.Domain;
using Sessions.Domain.Devices;
using Sessions.Silo.PersonData;

namespace Sessions.Silo.Devices;

/// <summary>Stores a device's epoch and reminder, and finds its sessions.</summary>
public interface IDeviceStore
{
    /// <summary>The store's present history; null when it has only one.</summary>
    StoreHistory? History { get; }

    /// <summary>Raises the device's epoch, and then reads its latest sessions.</summary>
    /// <param name="device">The device.</param>
    /// <param name="reminderDue">
    /// When the device's reminder should be due, written in the same commit; null leaves the reminder as it is.
    /// </param>
    /// <param name="erasureGeneration">
    /// The generation of <see cref="IForgottenPersons"/> with which the call's events were checked;
    /// <see cref="long.MaxValue"/> when the device is not opened for events.
    /// </param>
    /// <param name="leaveUnknown">
    /// Whether nothing is written for a device that the store does not know (<see cref="OpenedDevice.IsUnknown"/>): the
    /// transaction of its first events does it.
    /// </param>
    /// <returns>
    /// Null when persons were erased after that generation. Then nothing was written, and
    /// <see cref="IForgottenPersons"/> is up to date.
    /// </returns>
    /// <exception cref="SessionsUnavailableException">Postgres is away.</exception>
    Task<OpenedDevice?> Open(UserDeviceKey device, DateTimeOffset? reminderDue, long erasureGeneration, bool leaveUnknown = false);

    /// <summary>Writes the device's reminder. Orleans' reminder service reads it when it is due.</summary>
    /// <returns>The reminder's version; each write changes it.</returns>
    /// <exception cref="SessionsUnavailableException">Postgres is away.</exception>
    Task<int> Remind(UserDeviceKey device, DateTimeOffset due);

    /// <summary>Removes the device's reminder, unless it was written again after that version.</summary>
    /// <exception cref="SessionsUnavailableException">Postgres is away.</exception>
    Task RemindNoMore(UserDeviceKey device, int version);

    /// <summary>The epoch of the device's newest activation; 0 when the device is unknown.</summary>
    /// <exception cref="SessionsUnavailableException">Postgres is away.</exception>
    Task<long> EpochOf(UserDeviceKey device);

    /// <summary>
    /// The device's sessions around a time, however long ago. Rows may be some seconds behind the sessions' grains.
    /// </summary>
    /// <param name="device">The device.</param>
    /// <param name="time">An event's time.</param>
    /// <param name="idleTimeout">A session is included when it ends or begins within this distance of the time.</param>
    /// <exception cref="SessionsUnavailableException">Postgres is away.</exception>
    Task<IReadOnlyList<SessionCheckpoint>> SessionsAround(UserDeviceKey device, DateTimeOffset time, TimeSpan idleTimeout);
}
