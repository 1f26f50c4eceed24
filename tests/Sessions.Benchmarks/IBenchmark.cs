namespace Sessions.Benchmarks;

/// <summary>One benchmark: a folder here, a name for <c>./bench NAME</c>, figures in the table.</summary>
internal interface IBenchmark
{
    string Name { get; }

    /// <summary>What it measures, in one line.</summary>
    string Measures { get; }

    /// <summary>Measures, and reports figures as they come.</summary>
    Task Run(Bench bench);
}
