namespace Sessions.Domain.Projects;

/// <summary>Decides for how long a project keeps its sessions and events.</summary>
public static class RetentionRule
{
    // A session that begins at the end of the day may last another day.
    private const int DaysOfASession = 1;

    /// <summary>Whether the retention of sessions that were born on a day is over.</summary>
    /// <param name="born">The day.</param>
    /// <param name="today">The server's day.</param>
    /// <param name="retentionDays">How many days the project keeps them; 0 is for ever.</param>
    public static bool HasPassed(DateOnly born, DateOnly today, int retentionDays) =>
        retentionDays > 0 && today.DayNumber - born.DayNumber > retentionDays + DaysOfASession;

    /// <summary>Whether an event is too old to be stored: its session may have been deleted.</summary>
    public static bool IsTooOld(DateTimeOffset time, DateTimeOffset now, SessionRules rules) =>
        rules.Retention is { } retention && now - time > retention;
}
