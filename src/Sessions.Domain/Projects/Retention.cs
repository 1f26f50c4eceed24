namespace Sessions.Domain;

/// <summary>For how long a project keeps its sessions and events.</summary>
public static class Retention
{
    // A session of the day's last moment may go on for a day.
    private const int DaysOfASession = 1;

    /// <summary>Whether sessions born on a day need not be kept any more.</summary>
    /// <param name="born">The day.</param>
    /// <param name="today">The server's day.</param>
    /// <param name="retentionDays">How many days the project keeps them; 0 is for ever.</param>
    public static bool HasPassed(DateOnly born, DateOnly today, int retentionDays) =>
        retentionDays > 0 && today.DayNumber - born.DayNumber > retentionDays + DaysOfASession;

    /// <summary>Whether an event comes too late to be kept: what it belongs to may be gone.</summary>
    public static bool IsTooOld(DateTimeOffset time, DateTimeOffset now, SessionRules rules) =>
        rules.Retention is { } retention && now - time > retention;
}
