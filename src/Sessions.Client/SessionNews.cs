namespace Sessions;

/// <summary>What happened to a watched session.</summary>
public enum SessionNewsKind
{
    /// <summary>The session has begun, or is live again after an idle end.</summary>
    Started,

    /// <summary>The session has changed. At most about one update a second for each session.</summary>
    Updated,

    /// <summary>
    /// The session has ended: <see cref="Session.EndReason"/> says why. A session that ended as idle may become live
    /// again.
    /// </summary>
    Ended,
}

/// <summary>A change of a watched session.</summary>
/// <param name="Kind">What happened.</param>
/// <param name="Session"> The session as it is now. Its <see cref="Session.Version"/> rises with each change. </param>
public sealed record SessionNews(SessionNewsKind Kind, Session Session);
