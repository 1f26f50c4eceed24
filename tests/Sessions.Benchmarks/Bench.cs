using Sessions.Benchmarks.Reporting;

namespace Sessions.Benchmarks;

/// <summary>One run of <c>./bench</c>: how much is measured, and what came out.</summary>
internal sealed class Bench(int rounds, TimeSpan duration)
{
    private readonly List<Figure> _figures = [];
    private readonly SortedDictionary<string, string> _facts = [];

    /// <summary>How many live sessions <c>memory</c> holds when nothing else is said.</summary>
    public const int AllSessions = 1_000_000;

    /// <summary>How many live sessions <c>memory</c> holds.</summary>
    public int Sessions { get; init; } = AllSessions;

    /// <summary>How long <c>steady</c> goes on.</summary>
    public TimeSpan Steady { get; init; } = TimeSpan.FromHours(1);

    /// <summary>How often each thing is measured; the table has the medians.</summary>
    public int Rounds { get; } = rounds;

    /// <summary>How long one measurement takes.</summary>
    public TimeSpan Duration { get; } = duration;

    public IReadOnlyList<Figure> Figures => _figures;

    /// <summary>What a reader must know of the circumstances, such as Postgres' settings as read back.</summary>
    public IReadOnlyDictionary<string, string> Facts => _facts;

    public void Report(Figure figure)
    {
        _figures.Add(figure);
        Say($"{figure.Benchmark}: {figure.Name}: {Table.Number(figure.Value)} {figure.Unit}");
    }

    public void Note(string name, string value)
    {
        _facts[name] = value;
        Say($"{name}: {value}");
    }

    /// <summary>Tells whoever waits how it goes.</summary>
    public static void Say(string text) => Console.Error.WriteLine($"{DateTime.UtcNow:HH:mm:ss} {text}");
}
