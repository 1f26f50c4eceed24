using Sessions.SystemTests.Harness;

namespace Sessions.SystemTests.Faults;

/// <summary>Something that goes wrong, and is over when it is done.</summary>
/// <param name="Name">What it is, for people.</param>
/// <param name="Strike">
/// Makes it happen, and waits until the world around the product is as before. False when it hit nobody, which shows
/// nothing; among other faults that may be.
/// </param>
public sealed record Fault(string Name, Func<FaultCluster, Random, Task<bool>> Strike)
{
    // How long a silo stays frozen when it has been declared dead, and does not know it.
    private static TimeSpan SiloFreeze { get; } = TimeSpan.FromSeconds(Soak.IsOn ? 30 : 3);

    // Other faults may keep its fellows from it.
    private static TimeSpan DeclaredDead { get; } = TimeSpan.FromSeconds(60);

    private static TimeSpan PostgresFreeze { get; } = TimeSpan.FromSeconds(Soak.IsOn ? 20 : 6);

    private static TimeSpan NoConnection { get; } = TimeSpan.FromSeconds(Soak.IsOn ? 20 : 4);

    private static int Kills { get; } = Soak.IsOn ? 8 : 3;

    private static TimeSpan Moment { get; } = TimeSpan.FromSeconds(2);

    /// <summary>All of them by name.</summary>
    public static IReadOnlyList<Fault> All { get; } =
    [
        new("a silo is killed", (cluster, random) => Kill(cluster, Some(random, cluster.Silos, 1))),
        new("two silos are killed at once", (cluster, random) => Kill(cluster, Some(random, cluster.Silos, 2))),
        new("a gateway is killed", (cluster, random) => Kill(cluster, Some(random, cluster.Gateways, 1))),
        new("every silo and gateway is killed", (cluster, _) => Kill(cluster, [.. cluster.Silos, .. cluster.Gateways])),
        new("a silo is frozen until it has been declared dead", FreezeSilo),
        new("a gateway is frozen", FreezeGateway),
        new("a silo is stopped in order", (cluster, random) => Stop(cluster, Some(random, cluster.Silos, 1))),
        new("all are stopped in order, one after another", Roll),
        new("Postgres is killed and started again", KillPostgres),
        new("Postgres is frozen", FreezePostgres),
        // In the long form only, until they have passed on a machine without other load.
        .. Soak.IsOn
            ? (Fault[])[new("a process of Postgres is killed, again and again", KillBackends), new("Postgres has no connection free", TakeConnections)]
            : [],
        new("Postgres refuses to write", RefuseWrites),
        new("the disk refuses to grow", FillDisk),
        new("the connections to Postgres break", CutPostgres),
        new("the way to Postgres swallows everything", SwallowPostgres),
        new("the connections between gateways and silos break", CutSilos),
    ];

    public override string ToString() => Name;

    private static async Task<bool> Kill(FaultCluster cluster, RunningProcess[] killed)
    {
        foreach (RunningProcess process in killed)
        {
            Signals.Kill9(process.Pid);
        }

        await cluster.IsBack(killed);
        return true;
    }

    private static async Task<bool> Stop(FaultCluster cluster, RunningProcess[] stopped)
    {
        foreach (RunningProcess process in stopped)
        {
            Signals.Term(process.Pid);
        }

        await cluster.IsBack(stopped);
        return true;
    }

    private static async Task<bool> Roll(FaultCluster cluster, Random random)
    {
        foreach (RunningProcess process in (RunningProcess[])[.. cluster.Silos, .. cluster.Gateways])
        {
            await Stop(cluster, [process]);
            await cluster.AreWell();
        }

        return true;
    }

    private static async Task<bool> FreezeSilo(FaultCluster cluster, Random random)
    {
        RunningProcess frozen = Some(random, cluster.Silos, 1)[0];
        bool isDeclaredDead;
        Signals.Freeze(frozen.Pid);
        try
        {
            isDeclaredDead = await cluster.IsDeclaredDead(frozen, DeclaredDead);
            await Task.Delay(isDeclaredDead ? SiloFreeze : TimeSpan.Zero);
        }
        finally
        {
            Signals.GoOn(frozen.Pid);
        }

        if (isDeclaredDead)
        {
            // It learns that it is dead, and ends; somebody starts it again.
            await cluster.IsBack(frozen);
        }

        return isDeclaredDead;
    }

    private static async Task<bool> FreezeGateway(FaultCluster cluster, Random random)
    {
        int frozen = Some(random, cluster.Gateways, 1)[0].Pid;
        Signals.Freeze(frozen);
        await Task.Delay(Moment);
        Signals.GoOn(frozen);
        return true;
    }

    private static async Task<bool> KillPostgres(FaultCluster cluster, Random random)
    {
        await cluster.Postgres.Kill9();
        await Task.Delay(random.Next(0, 2_000));
        await cluster.Postgres.StartAgain();
        return true;
    }

    /// <summary>As the kernel does when memory runs out. Postgres then ends all its processes and begins anew.</summary>
    private static async Task<bool> KillBackends(FaultCluster cluster, Random random)
    {
        int killed = 0;
        for (int times = 0; times < Kills; times++)
        {
            if (cluster.Postgres.Backends() is { Length: > 0 } backends)
            {
                Signals.Kill9(backends[random.Next(backends.Length)]);
                killed++;
            }

            await Task.Delay(random.Next(200, 1_500));
        }

        return killed > 0;
    }

    private static async Task<bool> TakeConnections(FaultCluster cluster, Random random)
    {
        // They lose theirs, and others are quicker.
        cluster.ToPostgres.Close();
        try
        {
            await using TakenConnections taken = await cluster.Postgres.TakeConnections();
            cluster.ToPostgres.Open();
            await Task.Delay(NoConnection);
            return taken.AreAll;
        }
        finally
        {
            cluster.ToPostgres.Open();
        }
    }

    private static async Task<bool> FreezePostgres(FaultCluster cluster, Random random)
    {
        using (cluster.Postgres.Freeze())
        {
            await Task.Delay(PostgresFreeze);
        }

        return true;
    }

    private static async Task<bool> RefuseWrites(FaultCluster cluster, Random random)
    {
        // Another fault may have the server away just now.
        await cluster.Postgres.ExecuteWhenBack("alter system set default_transaction_read_only = on");
        await cluster.Postgres.ExecuteWhenBack("select pg_reload_conf()");
        await Task.Delay(Moment);
        await cluster.Postgres.ExecuteWhenBack("alter system reset default_transaction_read_only", writes: true);
        await cluster.Postgres.ExecuteWhenBack("select pg_reload_conf()");
        return true;
    }

    private static async Task<bool> FillDisk(FaultCluster cluster, Random random)
    {
        int limited = await cluster.Postgres.LimitFiles(bytes: 512 * 1024);
        await Task.Delay(Moment);
        await cluster.Postgres.LimitFiles(bytes: null);
        return limited > 0;
    }

    private static async Task<bool> CutPostgres(FaultCluster cluster, Random random)
    {
        int cut = 0;
        for (int times = 0; times < 3; times++)
        {
            cut += cluster.ToPostgres.Cut();
            await Task.Delay(random.Next(100, 1_000));
        }

        cluster.ToPostgres.Close();
        await Task.Delay(Moment);
        cluster.ToPostgres.Open();
        return cut > 0;
    }

    private static async Task<bool> SwallowPostgres(FaultCluster cluster, Random random)
    {
        cluster.ToPostgres.Hold();
        await Task.Delay(PostgresFreeze);
        cluster.ToPostgres.Open();
        return true;
    }

    private static async Task<bool> CutSilos(FaultCluster cluster, Random random)
    {
        try
        {
            return await Cut(await cluster.ProxySilos(), random);
        }
        finally
        {
            await cluster.UnproxySilos();
        }
    }

    private static async Task<bool> Cut(IReadOnlyList<TcpProxy> ways, Random random)
    {
        int cut = 0;
        for (int times = 0; ways.Count > 0 && times < 5; times++)
        {
            cut += ways[random.Next(ways.Count)].Cut();
            await Task.Delay(random.Next(100, 500));
        }

        if (ways.Count > 0)
        {
            TcpProxy closed = ways[random.Next(ways.Count)];
            closed.Close();
            await Task.Delay(Moment);
            closed.Open();
        }

        return cut > 0;
    }

    private static RunningProcess[] Some(Random random, RunningProcess[] all, int count)
    {
        random.Shuffle(all);
        return all[..count];
    }
}
