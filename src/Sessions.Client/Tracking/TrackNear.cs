namespace Sessions.Client.Tracking;

/// <summary>
/// Calls devices that are active in this process without a message of Orleans. A silo registers it; a process without a
/// silo has none.
/// </summary>
/// <param name="device">The device.</param>
/// <param name="events">Its events.</param>
/// <returns>
/// Null when the device can't be called so now: it is not active here, or its next call must be a message. The task
/// brings the receipt, or null when the device was busy. In both cases nothing was done.
/// </returns>
internal delegate Task<TrackReceipt?>? TrackNear(UserDeviceKey device, IReadOnlyList<SessionEvent> events);
