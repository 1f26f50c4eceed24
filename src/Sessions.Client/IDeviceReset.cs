namespace Sessions;

/// <summary>
/// Resets a user-device safely, also when the call is repeated or arrives late: the call names the session that it
/// ends, so it never ends a session that began later. The grain's key is a <see cref="UserDeviceKey"/>.
/// </summary>
[Alias("sessions.IDeviceReset")]
public interface IDeviceReset : IGrainWithStringKey
{
    /// <summary>
    /// Ends the session with reason <c>reset</c> if it is the device's live session, and returns it. Also returns a
    /// session that an earlier reset has ended. Null when the session is not live or has ended for another reason.
    /// </summary>
    /// <exception cref="SessionsUnavailableException">The end can't be made durable now.</exception>
    [Alias("Reset")]
    Task<Session?> Reset(Guid sessionId);
}
