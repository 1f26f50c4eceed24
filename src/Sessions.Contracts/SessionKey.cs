namespace Sessions;

/// <summary>Names one session within a project. It converts to the string key of an <c>ISessionGrain</c>.</summary>
/// <param name="Project">The project's id: 1 to 40 characters of <c>a-z 0-9 - _</c>.</param>
/// <param name="SessionId">The session's id: a UUID of any version.</param>
[GenerateSerializer, Immutable, Alias("sessions.session-key")]
public readonly record struct SessionKey([property: Id(0)] string Project, [property: Id(1)] Guid SessionId)
{
    private const char Separator = '~';

    /// <summary>The key of a session.</summary>
    /// <exception cref="ArgumentException">
    /// The project is malformed, or the session id is not a UUID of 36 characters.
    /// </exception>
    public static SessionKey Create(string project, string sessionId)
    {
        if (!Guid.TryParseExact(sessionId, "D", out Guid id))
        {
            throw new ArgumentException($"'{sessionId}' is no session id: expected a UUID of 36 characters.", nameof(sessionId));
        }

        return Create(project, id);
    }

    /// <summary>The key of a session.</summary>
    /// <exception cref="ArgumentException">The project is malformed.</exception>
    public static SessionKey Create(string project, Guid sessionId)
    {
        ProjectId.Check(project);
        return new SessionKey(project, sessionId);
    }

    /// <summary>Parses a key that <see cref="ToString"/> wrote.</summary>
    /// <exception cref="FormatException">The text is not a session key.</exception>
    public static SessionKey Parse(string grainKey)
    {
        ArgumentNullException.ThrowIfNull(grainKey);
        int at = grainKey.IndexOf(Separator, StringComparison.Ordinal);
        if (at > 0
            && ProjectId.IsValid(grainKey.AsSpan(0, at))
            && Guid.TryParseExact(grainKey.AsSpan(at + 1), "D", out Guid id))
        {
            return new SessionKey(grainKey[..at], id);
        }

        throw new FormatException($"'{grainKey}' is no session key; make one with SessionKey.Create.");
    }

    /// <summary>The grain's string key.</summary>
    public override string ToString() => $"{Project}{Separator}{SessionId:D}";

    /// <summary>Converts the key to the grain's string key.</summary>
    public static implicit operator string(SessionKey key) => key.ToString();
}
