using Sessions.Domain.Folding;

namespace Sessions.Silo.Sessions;

/// <summary>Questions to a session that take more than one call.</summary>
internal static class SessionWriterCalls
{
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
