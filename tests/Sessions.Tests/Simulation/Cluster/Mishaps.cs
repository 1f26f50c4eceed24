namespace Sessions.Tests.Simulation.Cluster;

/// <summary>What befalls silos, their clocks and Postgres.</summary>
internal sealed class Mishaps(SimulatedCluster cluster)
{
    private SeededScheduler Scheduler => cluster.Scheduler;

    /// <summary>Lets one of them happen, by chance.</summary>
    public void MayHappen()
    {
        if (!Scheduler.Chance(cluster.Weather.Event))
        {
            return;
        }

        SimulatedSilo[] silos = [.. cluster.Members.Where(silo => silo.Process is { IsDead: false, IsFrozen: false })];
        if (silos.Length == 0)
        {
            return;
        }

        SimulatedSilo silo = silos[Scheduler.Random.Next(silos.Length)];
        switch (Scheduler.Random.Next(cluster.Weather.HasClockSteps ? 6 : 5))
        {
            case 0:
                // A message may arrive in the middle of a turn: the process dies after that.
                Scheduler.After(TimeSpan.Zero, () => KillAndNotice(silo));
                break;
            case 1:
                Scheduler.After(TimeSpan.Zero, () => Freeze(silo));
                break;
            case 2:
                Scheduler.After(TimeSpan.Zero, () => GiveUp(silo));
                break;
            case 3:
                TimeSpan outage = Scheduler.Between(TimeSpan.FromSeconds(0.1), TimeSpan.FromSeconds(20));
                Scheduler.Say($"Postgres is away for {outage}");
                cluster.StoreIsBackAt = Scheduler.Now + outage;
                break;
            case 4:
                Scheduler.After(TimeSpan.Zero, silo.BreakCalls);
                break;
            default:
                TimeSpan step = TimeSpan.FromSeconds(Scheduler.Random.Next(-3600, 3601));
                Scheduler.Say($"the clock of {silo.Process.Name} is off by {step}");
                silo.Process.Clock.Offset = step;
                break;
        }
    }

    private void KillAndNotice(SimulatedSilo silo)
    {
        if (silo.Process.IsDead)
        {
            return;
        }

        cluster.Kill(silo);
        Scheduler.After(Scheduler.Between(TimeSpan.FromSeconds(0.5), TimeSpan.FromSeconds(7)), () => cluster.DeclareDead(silo));
    }

    /// <summary>It stands still, and may be given up meanwhile; then it goes on until it learns that.</summary>
    private void Freeze(SimulatedSilo silo)
    {
        if (silo.Process.IsDead)
        {
            return;
        }

        TimeSpan stop = Scheduler.Between(TimeSpan.FromSeconds(0.2), TimeSpan.FromSeconds(60));
        Scheduler.Say($"{silo.Process.Name} is frozen for {stop}");
        silo.Process.Freeze();
        // It is given up after 4 to 7 seconds.
        if (stop > TimeSpan.FromSeconds(5))
        {
            Scheduler.After(Scheduler.Between(TimeSpan.FromSeconds(4), TimeSpan.FromSeconds(5)), () => cluster.DeclareDead(silo));
        }

        Scheduler.After(stop, () =>
        {
            Scheduler.Say($"{silo.Process.Name} goes on");
            silo.IsInDoubt |= stop > TimeSpan.FromSeconds(1.5);
            silo.Process.GoOn();
            if (silo.IsDeclaredDead)
            {
                EndsItself(silo);
            }
        });
    }

    /// <summary>The others give up a silo that goes on working for a while.</summary>
    private void GiveUp(SimulatedSilo silo)
    {
        if (!silo.Process.IsDead)
        {
            cluster.DeclareDead(silo);
            EndsItself(silo);
        }
    }

    private void EndsItself(SimulatedSilo silo) =>
        Scheduler.After(Scheduler.Between(TimeSpan.FromSeconds(0.01), TimeSpan.FromSeconds(10)), () =>
        {
            if (!silo.Process.IsDead)
            {
                cluster.Kill(silo);
            }
        });
}
