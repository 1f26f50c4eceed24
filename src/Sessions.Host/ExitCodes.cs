namespace Sessions.Host;

/// <summary>The exit codes of the program.</summary>
internal static class ExitCodes
{
    public const int Stopped = 0;

    public const int Failed = 1;

    /// <summary>Wrong arguments or configuration.</summary>
    public const int Wrong = 2;

    /// <summary>The prefix of the line on standard error that gives the reason.</summary>
    public const string Prefix = "sessions: ";
}
