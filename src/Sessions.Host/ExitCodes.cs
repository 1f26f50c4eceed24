namespace Sessions.Host;

/// <summary>How the program ends, for scripts.</summary>
internal static class ExitCodes
{
    public const int Stopped = 0;

    public const int Failed = 1;

    /// <summary>Wrong arguments or configuration.</summary>
    public const int Wrong = 2;

    /// <summary>Begins the one line that says why, on standard error.</summary>
    public const string Prefix = "sessions: ";
}
