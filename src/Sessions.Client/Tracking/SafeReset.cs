namespace Sessions.Client.Tracking;

/// <summary>
/// Ends a device's live session over a network that loses answers and delivers calls late. It first reads which session
/// is live, and then ends that session by its id. A retried reset without an id could end a session that began after
/// the first attempt had ended the intended one.
/// </summary>
internal static class SafeReset
{
    // The most sessions that may end by themselves between the read and the reset before it gives up.
    private const int MaxSessions = 3;

    /// <summary>Returns the session that was ended; null when the device has no live session.</summary>
    /// <param name="live">Reads the live session, with retries.</param>
    /// <param name="end">Ends a session, with retries.</param>
    /// <exception cref="SessionsUnavailableException">
    /// Each session that was found live ended by itself before it could be reset.
    /// </exception>
    public static async Task<Session?> Make(Func<Task<Session?>> live, Func<Guid, Task<Session?>> end)
    {
        for (int sessions = 0; sessions < MaxSessions; sessions++)
        {
            if (await live() is not { } found)
            {
                return null;
            }

            if (await end(found.SessionId) is { } ended)
            {
                return ended;
            }
        }

        throw new SessionsUnavailableException("The device's sessions change faster than one of them can be ended.");
    }
}
