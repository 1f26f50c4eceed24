using Sessions.Domain;

namespace Sessions.Grains;

/// <summary>Where a device finds its sessions.</summary>
public interface IDeviceStore
{
    /// <summary>Raises the device's epoch, and then reads its latest sessions.</summary>
    /// <param name="device">The device.</param>
    /// <param name="reminderDue">When its reminder is to be due, written in the same commit; null leaves it as it is.</param>
    /// <param name="welcomeAt">
    /// By which generation of <see cref="IForgottenPersons"/> the events were found welcome that open it; the largest number
    /// when it is not for events.
    /// </param>
    /// <returns>Null when persons have been forgotten since: nothing was written, and now it is known who they are.</returns>
    /// <exception cref="SessionsUnavailableException">Postgres is away.</exception>
    Task<OpenedDevice?> Open(UserDeviceKey device, DateTimeOffset? reminderDue, long welcomeAt);

    /// <summary>Writes the device's reminder. Orleans' reminder service finds it once it is due.</summary>
    /// <returns>The reminder's version: every writing makes another.</returns>
    /// <exception cref="SessionsUnavailableException">Postgres is away.</exception>
    Task<int> Remind(UserDeviceKey device, DateTimeOffset due);

    /// <summary>Removes the device's reminder, unless it was written anew after that version.</summary>
    /// <exception cref="SessionsUnavailableException">Postgres is away.</exception>
    Task RemindNoMore(UserDeviceKey device, int version);

    /// <summary>The epoch of the device's newest activation; 0 when the device is unknown.</summary>
    /// <exception cref="SessionsUnavailableException">Postgres is away.</exception>
    Task<long> EpochOf(UserDeviceKey device);

    /// <summary>The device's sessions around a time, at any age; rows may be some seconds behind their grains.</summary>
    /// <param name="device">The device.</param>
    /// <param name="time">An event's time.</param>
    /// <param name="idleTimeout">How near to the time a session must end or begin to be among them.</param>
    /// <exception cref="SessionsUnavailableException">Postgres is away.</exception>
    Task<IReadOnlyList<StoredStanding>> SessionsAround(UserDeviceKey device, DateTimeOffset time, TimeSpan idleTimeout);
}

/// <summary>A device as its newest activation finds it.</summary>
/// <param name="Epoch">This activation's epoch.</param>
/// <param name="Sessions">The device's latest sessions, and all live ones.</param>
/// <param name="OthersBefore">The device may have others that began at this time or before; null when it has none.</param>
/// <param name="HandedTo">The device that got its session when the person was identified; null when none did.</param>
/// <param name="Reminder">The version of its reminder; null when it has none.</param>
public sealed record OpenedDevice(
    long Epoch,
    IReadOnlyList<StoredStanding> Sessions,
    DateTimeOffset? OthersBefore,
    string? HandedTo = null,
    int? Reminder = null);

/// <summary>A session's row as its device reads it.</summary>
/// <param name="SessionId">The session's id.</param>
/// <param name="State">The state of its last checkpoint; null when it must be asked of its grain.</param>
public sealed record StoredStanding(Guid SessionId, SessionState? State)
{
    /// <summary>Whether it has ended, and the journal has no entry that the row lacks; false when that was not looked up.</summary>
    public bool IsCurrent { get; init; }
}
