namespace Sessions;

/// <summary>
/// Ends a device's live session over a network that loses answers and delivers late: it first learns which one it is, and
/// then ends that one. A reset that names none would end whatever is live when it arrives, which may be the session that
/// began after an attempt had ended the one that was meant.
/// </summary>
internal static class SafeReset
{
    // Sessions that end by themselves, one after the other, between being found and being ended.
    private const int MaxSessions = 3;

    /// <summary>The session that was ended; null when the device has no live one.</summary>
    /// <param name="live">Asks which session is live, again while that fails for a passing reason.</param>
    /// <param name="end">Ends a session, again while that fails for a passing reason.</param>
    /// <exception cref="SessionsUnavailableException">Whatever was found live had ended by itself when it was to be ended.</exception>
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
