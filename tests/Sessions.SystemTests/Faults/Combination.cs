namespace Sessions.SystemTests.Faults;

/// <summary>Several faults at once, chosen by a seed.</summary>
public static class Combination
{
    /// <summary>Between the names of faults that struck together.</summary>
    public const string Separator = " + ";

    /// <summary>The faults of a seed: two or three kinds.</summary>
    public static Fault[] Of(int seed)
    {
        Random random = new(seed);
        Fault[] all = [.. Fault.All];
        random.Shuffle(all);
        return all[..random.Next(2, 4)];
    }

    /// <summary>What to call them together.</summary>
    public static string Name(IEnumerable<Fault> faults) => string.Join(Separator, faults.Select(fault => fault.Name));

    /// <summary>Has all of them strike, each at a moment of its own.</summary>
    public static Task Strike(IEnumerable<Fault> faults, FaultCluster cluster, Random random) =>
        Task.WhenAll(faults.Select(fault => Strike(fault, cluster, new Random(random.Next()))));

    private static async Task Strike(Fault fault, FaultCluster cluster, Random random)
    {
        await Task.Delay(random.Next(0, 3_000));
        // Whether it hit anybody is another's affair: they get into each other's way.
        await fault.Strike(cluster, random);
    }
}
