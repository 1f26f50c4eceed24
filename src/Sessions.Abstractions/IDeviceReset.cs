namespace Sessions;

/// <summary>
/// A user-device once more, for a reset that may be made twice or arrive late: it names the session that it ends, so it
/// never ends one that has begun since. Its key is a <see cref="UserDeviceKey"/>.
/// </summary>
[Alias("sessions.IDeviceReset")]
public interface IDeviceReset : IGrainWithStringKey
{
    /// <summary>
    /// Ends the session with reason <c>reset</c> if it is the device's live one, and returns it; also when a reset has
    /// ended it before. Null when it is not live, or has ended for another reason.
    /// </summary>
    /// <exception cref="SessionsUnavailableException">The end can't be made durable now.</exception>
    [Alias("Reset")]
    Task<Session?> Reset(Guid sessionId);
}
