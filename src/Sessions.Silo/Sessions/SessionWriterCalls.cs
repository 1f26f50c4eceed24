using Sessions.Domain.Folding;

namespace Sessions.Silo.Sessions;

/// <summary>Calls to a session that need a choice among its methods, or more than one of them.</summary>
internal static class SessionWriterCalls
{
    /// <summary>Appends events by the method for events that the session's owner expects, or by the usual one.</summary>
    /// <exception cref="SessionsUnavailableException">They can't be made durable now.</exception>
    public static Task<AppendResult> Append(
        this ISessionWriter session, DeviceEpoch caller, DateTimeOffset receivedAt, IReadOnlyList<PlacedEvent> events, bool isExpected) =>
        isExpected ? session.AppendExpected(caller, receivedAt, events) : session.Append(caller, receivedAt, events);

    /// <summary>
    /// Whether a session has the event of a device. It checks the id first, because the content is rarely needed.
    /// </summary>
    public static async Task<bool> HasTakenEvent(this ISessionWriter session, UserDeviceKey device, PlacedEvent placed)
    {
        if (!await session.HasTaken(device, placed.Event.Id))
        {
            return false;
        }

        try
        {
            return await session.HasTakenSame(device, placed);
        }
        catch (TypeLoadException)
        {
            // A silo of an earlier version does not have this method. There, an event with the same id counts as the
            // same event.
            return true;
        }
    }
}
