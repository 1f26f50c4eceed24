namespace Sessions;

/// <summary>The words for statuses and end reasons in SQL and JSON.</summary>
public static class Words
{
    /// <summary>The word for a status.</summary>
    public static string ToWord(this SessionStatus status) => status switch
    {
        SessionStatus.Live => "live",
        SessionStatus.Ended => "ended",
        _ => throw new ArgumentOutOfRangeException(nameof(status), status, null),
    };

    /// <summary>The word for an end reason.</summary>
    public static string ToWord(this EndReason reason) => reason switch
    {
        EndReason.Idle => "idle",
        EndReason.MaxLength => "max_length",
        EndReason.Reset => "reset",
        EndReason.UserChanged => "user_changed",
        EndReason.NewClientSession => "new_client_session",
        _ => throw new ArgumentOutOfRangeException(nameof(reason), reason, null),
    };

    /// <summary>Parses a word that <see cref="ToWord(EndReason)"/> wrote.</summary>
    /// <exception cref="FormatException">The word is not an end reason.</exception>
    public static EndReason ParseEndReason(string word) => word switch
    {
        "idle" => EndReason.Idle,
        "max_length" => EndReason.MaxLength,
        "reset" => EndReason.Reset,
        "user_changed" => EndReason.UserChanged,
        "new_client_session" => EndReason.NewClientSession,
        _ => throw new FormatException($"'{word}' is no end reason."),
    };
}
