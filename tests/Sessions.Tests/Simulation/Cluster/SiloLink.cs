using Sessions.Tests.Simulation.Store;

namespace Sessions.Tests.Simulation.Cluster;

/// <summary>A silo's connections to Postgres. What was sent is executed even if the silo dies before the answer.</summary>
internal sealed class SiloLink(SimulatedSilo silo, Actor services) : IStoreLink
{
    public void Send(string what, Action execute, Action<Reached> done)
    {
        SimulatedCluster cluster = silo.Cluster;
        SeededScheduler scheduler = cluster.Scheduler;
        if (scheduler.Now < cluster.StoreIsBackAt || scheduler.Chance(cluster.Weather.Refused))
        {
            scheduler.Say($"{silo.Process.Name} cannot send: {what}");
            scheduler.After(cluster.Delay(), () => services.Run(() => done(Reached.NotSent)));
        }
        else if (scheduler.Chance(cluster.Weather.Unknown))
        {
            bool isExecuted = scheduler.Random.Next(2) == 0;
            scheduler.Say($"{silo.Process.Name} loses its connection, {(isExecuted ? "after" : "before")} this is executed: {what}");
            scheduler.After(cluster.Delay(), () =>
            {
                if (isExecuted)
                {
                    execute();
                }

                scheduler.After(cluster.Delay(), () => services.Run(() => done(Reached.Unknown)));
            });
        }
        else
        {
            scheduler.After(cluster.Delay(), () =>
            {
                scheduler.Say($"{silo.Process.Name} has Postgres execute: {what}");
                execute();
                scheduler.After(cluster.Delay(), () => services.Run(() => done(Reached.Answered)));
            });
        }
    }
}
