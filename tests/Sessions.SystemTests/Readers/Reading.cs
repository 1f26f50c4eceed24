namespace Sessions.SystemTests.Readers;

/// <summary>One line of an access log: somebody asked for a page. Nothing in it says which session it belongs to.</summary>
public sealed record Reading(Guid Id, string Reader, DateTimeOffset At, string Url, string? UserAgent);
