namespace Sessions.Silo.Retention;

/// <summary>A day of the journal whose removal has begun.</summary>
/// <param name="Day">The day.</param>
/// <param name="Project">The project whose part of the day is removed; null when the whole day is.</param>
internal sealed record LeavingDay(DateOnly Day, string? Project);

/// <summary>The result of a step in the removal of a day.</summary>
internal enum DayStep
{
    /// <summary>Nothing was done: one of the day's sessions is live, or another silo works on the day.</summary>
    Stays,

    /// <summary>The removal is recorded; it is too early for the next step.</summary>
    Waits,

    /// <summary>The day is detached: no query sees it, but it can be restored.</summary>
    Detached,

    /// <summary>The day is deleted.</summary>
    Gone,
}
