using Sessions.Domain.Folding;
using Sessions.SystemTests.Traffic;

namespace Sessions.Tests.Simulation.Cluster;

/// <summary>
/// Fixes of the product that a test takes out at a port, to see that the simulation finds the fault again. Here all are in.
/// </summary>
internal sealed record Switches
{
    public static readonly Switches None = new();

    /// <summary>Postgres checks that the device's activation is the newest.</summary>
    public bool Fence { get; init; } = true;

    /// <summary>A device that exists can't begin again.</summary>
    public bool BeginsOnce { get; init; } = true;

    /// <summary>A device tells a session which number it has read in its row.</summary>
    public bool StandingSinceNumber { get; init; } = true;

    /// <summary>A session that answers from memory looks into the journal first.</summary>
    public bool LastNumber { get; init; } = true;

    /// <summary>A reset names the session that it ends.</summary>
    public bool NamedReset { get; init; } = true;

    /// <summary>One visitor with these habits, and devices that often have two activations; null leaves both to the seed.</summary>
    public Habits? OnlyVisitor { get; init; }

    /// <summary>What a broken connection is taken for.</summary>
    public JournalOutcome OutcomeOfABrokenConnection { get; init; } = JournalOutcome.Unknown;
}
