namespace Sessions.Domain;

/// <summary>What a client may name as its session.</summary>
public static class ClientSessionId
{
    /// <summary>A UUID of any version with its dashes, 36 characters of any case; neither nil nor max.</summary>
    public static bool TryParse(string? text, out Guid sessionId)
    {
        sessionId = default;
        return text is { Length: 36 }
            && Guid.TryParseExact(text, "D", out sessionId)
            && sessionId != Guid.Empty
            && sessionId != Guid.AllBitsSet;
    }
}
