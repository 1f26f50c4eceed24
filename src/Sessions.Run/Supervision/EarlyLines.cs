namespace Sessions.Run.Supervision;

/// <summary>
/// Log lines of the start, which the terminal gets below the announcement: above it they would hide what the user looks for. An
/// error is shown at once, because it may be the reason that there is no announcement.
/// </summary>
internal sealed class EarlyLines
{
    private const int Most = 200;

    private readonly Lock _gate = new();
    private List<string>? _held = [];

    /// <summary>Keeps a line for later; false when the terminal gets it now.</summary>
    public bool Hold(LogLevel level, string line)
    {
        lock (_gate)
        {
            if (level >= LogLevel.Error || _held is null || _held.Count == Most)
            {
                return false;
            }

            _held.Add(line);
            return true;
        }
    }

    /// <summary>Prints the lines. From now on none is held.</summary>
    public void Release(Action<string> print)
    {
        List<string> held;
        lock (_gate)
        {
            (held, _held) = (_held ?? [], null);
        }

        held.ForEach(print);
    }
}
