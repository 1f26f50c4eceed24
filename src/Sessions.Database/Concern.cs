namespace Sessions.Database;

/// <summary>
/// Something that an operator should know, although the process goes on with its work: its health is then <c>Degraded</c>,
/// with the status 200.
/// </summary>
/// <param name="Now">Returns a message; null when there is nothing to say.</param>
public sealed record Concern(Func<string?> Now);
