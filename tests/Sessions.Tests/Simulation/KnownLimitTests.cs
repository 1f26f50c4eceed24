using Sessions.SystemTests.Traffic;
using Sessions.Tests.Simulation.Cluster;

namespace Sessions.Tests.Simulation;

/// <summary>
/// What the simulation finds and the product does not prevent: a device has two activations, as silos come and go, and both
/// take the same request at nearly the same moment. An activation that was replaced is refused when it makes a session live or
/// ends one, and by a session that its successor has written to. When one of these tests fails, its limit is gone: then let such
/// visitors meet two activations in every simulation (<see cref="SimulatedRun"/>).
/// </summary>
public sealed class KnownLimitTests
{
    private const int Seeds = 5_000;

    /// <summary>
    /// The older activation does not know the client's latest session. So the two choose different sessions for an event that
    /// names none, and each asks the other's session for the event before it is there.
    /// </summary>
    [Fact]
    public void Two_activations_may_store_an_event_twice_that_lacks_the_name_of_its_session() =>
        IsMet(new Habits { HasDevice = true, NamesSessions = true, Forgets = true });

    /// <summary>
    /// The device of the identified person has two activations. One was told to expect the session before it was handed over,
    /// the other has got it. The first does not know the session, and opens another one.
    /// </summary>
    [Fact]
    public void Two_activations_of_an_identified_persons_device_may_open_a_second_session() =>
        IsMet(new Habits { Identifies = true });

    private static void IsMet(Habits habits) =>
        Assert.Contains(Enumerable.Range(0, Seeds), seed => SimulatedRun.Run(seed, new Switches { OnlyVisitor = habits }).Faults.Count > 0);
}
