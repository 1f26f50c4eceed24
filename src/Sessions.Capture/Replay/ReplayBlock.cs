namespace Sessions.Capture.Replay;

/// <summary>A part of a session's recording, as it is stored.</summary>
/// <param name="Session">The session that the snapshot names.</param>
/// <param name="BlockId">Derived from the event's id and the block's content.</param>
/// <param name="Born">The day, in server time, on which it is written.</param>
/// <param name="WindowId">The browser window that was recorded.</param>
/// <param name="PlainSize">Its size in bytes before compression.</param>
/// <param name="Data">The rrweb events ordered by time, one a line, compressed with Brotli.</param>
public sealed record ReplayBlock(
    SessionKey Session, Guid BlockId, DateOnly Born, string WindowId, int PlainSize, byte[] Data);
