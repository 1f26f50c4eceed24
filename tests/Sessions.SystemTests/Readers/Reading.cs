namespace Sessions.SystemTests.Readers;

/// <summary>One line of an access log: somebody asked for a page. Nothing in it says which session it belongs to.</summary>
public sealed record Reading(Guid Id, string Reader, DateTimeOffset At, string Url, Agent? Agent);

/// <summary>What a browser calls itself, and who that is.</summary>
public sealed record Agent(string Text, string Browser, string Os, string DeviceType);
