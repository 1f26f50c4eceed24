namespace Sessions.Postgres;

/// <summary>A chunk of a session's recording, as it is stored.</summary>
/// <param name="Session">The session that it names.</param>
/// <param name="BlockId">Made of its event's id and its content.</param>
/// <param name="Born">The server day on which it is written.</param>
/// <param name="WindowId">The window it was recorded in.</param>
/// <param name="PlainSize">Its bytes inflated.</param>
/// <param name="Data">rrweb events in the order of their times, one a line; Brotli.</param>
public sealed record ReplayBlock(
    SessionKey Session, Guid BlockId, DateOnly Born, string WindowId, int PlainSize, byte[] Data);
