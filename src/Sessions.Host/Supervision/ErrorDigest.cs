namespace Sessions.Host.Supervision;

/// <summary>
/// Picks what of a child's log its supervisor shows: errors, and of a flood of them the first few, so that the console
/// stays readable when a thousand calls fail for one reason.
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

    /// <summary>Looks at a line of the log.</summary>
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
                    say($"{name}: {_held} more errors, see its log");
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

    // A stack trace on one line is for the log file.
    private static string Shorten(string line) =>
        line.Length <= MostCharacters ? line : string.Concat(line.AsSpan(0, MostCharacters), " …");

    // As LogLines writes them: time, level, category; or as JSON.
    private static bool IsError(string line) => line.StartsWith('{')
        ? line.Contains("\"level\":\"Error\"", StringComparison.Ordinal) || line.Contains("\"level\":\"Critical\"", StringComparison.Ordinal)
        : line.AsSpan().IndexOf(" fail: ") is >= 0 and < 12 || line.AsSpan().IndexOf(" crit: ") is >= 0 and < 12;
}
