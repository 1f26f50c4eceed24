namespace Sessions.Benchmarks.Reporting;

/// <summary>A measured figure, beside what it is to be judged by.</summary>
internal sealed record Figure
{
    /// <summary>The benchmark's name.</summary>
    public required string Benchmark { get; init; }

    public required string Name { get; init; }

    /// <summary>The median of the rounds.</summary>
    public required double Value { get; init; }

    public required string Unit { get; init; }

    /// <summary>What was measured for comparison in the same run.</summary>
    public Yardstick? Yardstick { get; init; }

    /// <summary>What it should reach: of the ratio when there is a yardstick, else of the value.</summary>
    public Bar? Bar { get; init; }

    /// <summary>All rounds.</summary>
    public IReadOnlyList<double> Rounds { get; init; } = [];

    public double? Ratio => Yardstick is null ? null : Value / Yardstick.Value;

    /// <summary>Whether the bar is met; null without a bar.</summary>
    public bool? IsMet => Bar?.IsMetBy(Ratio ?? Value);

    public static double Median(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return sorted.Length % 2 == 1
            ? sorted[sorted.Length / 2]
            : (sorted[(sorted.Length / 2) - 1] + sorted[sorted.Length / 2]) / 2;
    }
}

/// <summary>Something measured in the same run that a figure is divided by.</summary>
internal sealed record Yardstick(string Name, double Value);

/// <summary>What a figure should reach.</summary>
/// <param name="Good">At least this, or at most.</param>
/// <param name="Reach">What would be very good.</param>
/// <param name="IsMost">Whether less is better.</param>
internal sealed record Bar(double Good, double? Reach = null, bool IsMost = false)
{
    public bool IsMetBy(double value) => IsMost ? value <= Good : value >= Good;
}
