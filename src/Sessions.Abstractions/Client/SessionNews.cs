namespace Sessions;

/// <summary>What is told of a session to those who watch.</summary>
public enum SessionNewsKind
{
    /// <summary>It has begun, or goes on after it had ended for being idle.</summary>
    Started,

    /// <summary>It goes on; told at most about once a second a session.</summary>
    Updated,

    /// <summary>It has ended: <see cref="Session.EndReason"/> says why. An idle one may still go on.</summary>
    Ended,
}

/// <summary>Something that has happened to a session.</summary>
/// <param name="Kind">What.</param>
/// <param name="Session">The session as it is now. Its <see cref="Session.Version"/> rises with everything it takes.</param>
public sealed record SessionNews(SessionNewsKind Kind, Session Session);
