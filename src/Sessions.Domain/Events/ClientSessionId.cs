namespace Sessions.Domain.Events;

/// <summary>Parses the session ids that clients send.</summary>
public static class ClientSessionId
{
    /// <summary>
    /// Parses a UUID of any version except nil and max: 36 characters with dashes, in any letter case.
    /// </summary>
    public static bool TryParse(string? text, out Guid sessionId)
    {
        sessionId = default;
        return text is { Length: 36 }
            && Guid.TryParseExact(text, "D", out sessionId)
            && sessionId != Guid.Empty
            && sessionId != Guid.AllBitsSet;
    }
}
