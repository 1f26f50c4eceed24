using Orleans;

namespace Sessions.Domain.Folding;

/// <summary>An event that a device sends to a session.</summary>
/// <param name="Event">The event; its timestamp is corrected already.</param>
/// <param name="Named">Whether the event names this session. If not, the server placed it here.</param>
/// <param name="ClientTime">
/// The event's time by the client's own clock. Null when the client sent no time, and from a device on a silo of an
/// earlier version.
/// </param>
[GenerateSerializer, Immutable, Alias("sessions.placed-event")]
public readonly record struct PlacedEvent(
    [property: Id(0)] SessionEvent Event,
    [property: Id(1)] bool Named,
    [property: Id(2)] DateTimeOffset? ClientTime = null);

/// <summary>The activation of a device that calls a session.</summary>
/// <param name="Device">The device.</param>
/// <param name="Epoch">The activation's epoch: of two activations the one with the higher epoch is the newer.</param>
/// <param name="Reminder">
/// For the end of the device's last live session: the version of the reminder that the same commit removes. Null leaves
/// the reminder.
/// </param>
[GenerateSerializer, Immutable, Alias("sessions.device-call")]
public readonly record struct DeviceEpoch(
    [property: Id(0)] UserDeviceKey Device, [property: Id(1)] long Epoch, [property: Id(2)] int? Reminder = null);
