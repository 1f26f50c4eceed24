namespace Sessions.SystemTests.Harness;

/// <summary>Tests that compare times with each other, or that count attempts: the runner runs them when no other test runs.</summary>
[CollectionDefinition(Lane.Alone, DisableParallelization = true)]
public sealed class Alone;
