namespace Sessions.SystemTests.Traffic;

/// <summary>
/// An event as a writer made it; it is sent unchanged until it is acknowledged. Without a session id its session is
/// left to the server.
/// </summary>
public sealed record SentEvent(
    Guid Id,
    string Name,
    string DistinctId,
    string? DeviceId,
    string? SessionId,
    string? Url,
    string? UtmSource,
    DateTimeOffset Timestamp)
{
    /// <summary>Who made it.</summary>
    public required string Visitor { get; init; }

    /// <summary>The anonymous id of who is identified by it; null when nobody is.</summary>
    public string? AnonymousId { get; init; }
}
