using System.Globalization;

namespace Sessions.Tests.Simulation;

/// <summary>What happened in a simulation. A number stands for all of it; lines are kept only for whoever asks for them.</summary>
internal sealed class Trace
{
    private const ulong Prime = 0x100000001B3;

    private readonly List<string> _lines = [];

    /// <summary>Whether lines are kept. They cost more than the rest of a simulation, so callers look here before they make one.</summary>
    public bool IsKept { get; set; }

    /// <summary>Two runs with the same number did the same turns at the same times.</summary>
    public ulong Hash { get; private set; } = 0xCBF29CE484222325;

    public IReadOnlyList<string> Lines => _lines;

    /// <summary>An actor has a turn.</summary>
    public void Turn(Actor actor, TimeSpan at)
    {
        Mix((ulong)at.Ticks);
        Mix(actor.Number);
    }

    public void Say(TimeSpan at, string what) =>
        _lines.Add(string.Create(CultureInfo.InvariantCulture, $"{at.TotalSeconds,11:0.0000} {what}"));

    private void Mix(ulong value) => Hash = (Hash ^ value) * Prime;
}
