using System.Runtime.CompilerServices;

namespace Sessions.Tests.Simulation;

/// <summary>A line of a trace. It is put together only when lines are kept.</summary>
[InterpolatedStringHandler]
internal ref struct TraceLine
{
    private DefaultInterpolatedStringHandler _text;

    public TraceLine(int literalLength, int formattedCount, SeededScheduler scheduler, out bool isKept)
    {
        isKept = scheduler.Trace.IsKept;
        _text = isKept ? new DefaultInterpolatedStringHandler(literalLength, formattedCount) : default;
    }

    public void AppendLiteral(string text) => _text.AppendLiteral(text);

    public void AppendFormatted<T>(T value) => _text.AppendFormatted(value);

    public void AppendFormatted<T>(T value, string format) => _text.AppendFormatted(value, format);

    public string ToStringAndClear() => _text.ToStringAndClear();
}
