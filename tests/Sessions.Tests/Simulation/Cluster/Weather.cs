namespace Sessions.Tests.Simulation.Cluster;

/// <summary>How often what goes wrong; a seed chooses it for a run.</summary>
internal sealed record Weather
{
    /// <summary>Nothing goes wrong, and messages take a millisecond or so.</summary>
    public static readonly Weather Fair = new();

    /// <summary>A message between two processes is lost.</summary>
    public double Lost { get; init; }

    /// <summary>A call arrives twice.</summary>
    public double Doubled { get; init; }

    /// <summary>A message or statement takes up to <see cref="LongestDelay"/>, so that others overtake it.</summary>
    public double Slow { get; init; }

    public TimeSpan LongestDelay { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>A statement is not executed.</summary>
    public double Refused { get; init; }

    /// <summary>The connection breaks while a statement is under way: whether it was executed is unknown.</summary>
    public double Unknown { get; init; }

    /// <summary>A call finds, or makes, another activation of a session that has one.</summary>
    public double SecondActivation { get; init; }

    /// <summary>The same of a device.</summary>
    public double SecondActivationOfDevices { get; init; }

    /// <summary>An activation leaves the memory after a call.</summary>
    public double Collected { get; init; }

    /// <summary>With a message, something befalls a silo or Postgres.</summary>
    public double Event { get; init; }

    /// <summary>The clocks of machines are set.</summary>
    public bool HasClockSteps { get; init; }

    public static Weather Of(SeededScheduler scheduler)
    {
        return new Weather
        {
            Lost = Rate(0.03),
            Doubled = Rate(0.1),
            Slow = Rate(0.2),
            LongestDelay = scheduler.Between(TimeSpan.FromSeconds(0.01), TimeSpan.FromSeconds(10)),
            Refused = Rate(0.1),
            Unknown = Rate(0.1),
            SecondActivation = Rate(0.15),
            SecondActivationOfDevices = Rate(0.15),
            Collected = Rate(0.1),
            Event = Rate(0.03),
            HasClockSteps = scheduler.Random.Next(4) == 0,
        };

        double Rate(double most) => scheduler.Random.Next(3) == 0 ? 0 : most * Math.Pow(scheduler.Random.NextDouble(), 2);
    }
}
