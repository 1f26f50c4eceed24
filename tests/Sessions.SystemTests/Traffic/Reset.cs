namespace Sessions.SystemTests.Traffic;

/// <summary>Somebody had a visitor's session ended: at some moment between the two times.</summary>
/// <param name="Visitor">The visitor.</param>
/// <param name="Asked">Before the first attempt.</param>
/// <param name="Answered">After the answer.</param>
/// <param name="IsSure">Whether an answer said that a session was ended.</param>
public sealed record Reset(string Visitor, DateTimeOffset Asked, DateTimeOffset Answered, bool IsSure);
