namespace Sessions.Run.Supervision;

/// <summary>
/// Selects the lines of a child's log that its supervisor prints: errors, and of many errors only the first few, so
/// that the console stays readable when a thousand calls fail for one reason.
/// </summary>
internal sealed class ErrorDigest(string name, Action<string> say, TimeProvider time)
{
    private const int MostInAWindow = 5;
    private const int MostCharacters = 240;
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(30);

    private readonly Lock _gate = new();
    private long _begun = time.GetTimestamp();
    private int _shown;
    private int _held;

    /// <summary>Processes a line of the log.</summary>
    public void See(string line)
    {
        if (!IsError(line))
        {
            return;
        }

        lock (_gate)
        {
            if (time.GetElapsedTime(_begun) > Window)
            {
                if (_held > 0)
                {
                    say($"{name}: {_held} more errors; see its log");
                }

                (_begun, _shown, _held) = (time.GetTimestamp(), 0, 0);
            }

            if (_shown < MostInAWindow)
            {
                _shown++;
                say($"{name}: {Shorten(line)}");
            }
            else
            {
                _held++;
            }
        }
    }

    // A stack trace, which is on the same line, belongs in the log file.
    private static string Shorten(string line) =>
        line.Length <= MostCharacters ? line : string.Concat(line.AsSpan(0, MostCharacters), " …");

    // In the format of LogLines: time, level, category; or JSON.
    private static bool IsError(string line) => line.StartsWith('{')
        ? line.Contains("\"level\":\"Error\"", StringComparison.Ordinal) || line.Contains("\"level\":\"Critical\"", StringComparison.Ordinal)
        : line.AsSpan().IndexOf(" fail: ") is >= 0 and < 12 || line.AsSpan().IndexOf(" crit: ") is >= 0 and < 12;
}
