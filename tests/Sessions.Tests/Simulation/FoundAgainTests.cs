using Sessions.Domain.Folding;
using Sessions.Tests.Simulation.Cluster;

namespace Sessions.Tests.Simulation;

/// <summary>
/// Faults of the product that were found before, mostly under load in a broken cluster of processes: with the fix taken out
/// at a port, the simulation finds the fault again.
/// </summary>
public sealed class FoundAgainTests
{
    /// <summary>
    /// Found by a fault test: a session's activation on a silo that the others had given up answered with 20 events where 95
    /// had been acknowledged. Since commit 06d64f0 a session compares its memory with the journal before it answers.
    /// </summary>
    [Fact]
    public void An_answer_from_memory_that_is_not_compared_with_the_journal_lacks_acknowledged_events() =>
        IsFound(new Switches { LastNumber = false }, "were acknowledged before", seeds: 1_000);

    /// <summary>
    /// Found by a fault test: a reset that a gateway had given up on reached another silo late, and ended the session that had
    /// begun since. Since commit 70f7c6e a reset names the session that it ends.
    /// </summary>
    [Fact]
    public void A_reset_that_names_no_session_ends_the_one_that_began_since_when_it_arrives_late_or_twice() =>
        IsFound(new Switches { NamedReset = false }, "is in session", seeds: 40_000);

    /// <summary>
    /// Found by a fault test: a silo that the others had given up stood for a session as it was before the session was handed
    /// over, and an event of the heir was stored twice. Since commit 75fb687 a device says which number it has read in the
    /// session's row, and a session that knows less loads again.
    /// </summary>
    [Fact]
    public void A_standing_from_a_memory_that_is_older_than_the_row_stores_an_event_twice() =>
        IsFound(new Switches { StandingSinceNumber = false }, "is there 2 times", seeds: 10_000);

    /// <summary>Never found in the product: without the check of epochs two activations of a device each open a session.</summary>
    [Fact]
    public void Without_the_check_of_epochs_two_activations_of_a_device_open_two_sessions() =>
        IsFound(new Switches { Fence = false }, "is in session", seeds: 3_000);

    /// <summary>Never found in the product: the first events of an unknown device write its row, and of two activations only one may.</summary>
    [Fact]
    public void When_a_device_begins_twice_its_activations_open_two_sessions() =>
        IsFound(new Switches { BeginsOnce = false }, "is in session", seeds: 20_000);

    /// <summary>Never found in the product: a broken connection during a commit does not say that nothing was written.</summary>
    [Fact]
    public void When_a_broken_connection_counts_as_written_acknowledged_events_are_lost() =>
        IsFound(new Switches { OutcomeOfABrokenConnection = JournalOutcome.Committed }, "acknowledged and lost", seeds: 1_000);

    /// <summary>Some seed finds the fault, and finds nothing when the fix is in.</summary>
    private static void IsFound(Switches switches, string fault, int seeds)
    {
        int? found = Enumerable.Range(0, seeds)
            .Where(seed => SimulatedRun.Run(seed, switches).Faults.Any(one => one.Contains(fault, StringComparison.Ordinal)))
            .Cast<int?>()
            .FirstOrDefault(seed => SimulatedRun.Run(seed!.Value).Faults.Count == 0);

        Assert.True(found is not null, $"No seed below {seeds} finds what the fix had mended.");
    }
}
