using System.Globalization;
using Sessions.Benchmarks;
using Sessions.Benchmarks.Ingest;
using Sessions.Benchmarks.Latency;
using Sessions.Benchmarks.Lifecycle;
using Sessions.Benchmarks.Load;
using Sessions.Benchmarks.ManySilos;
using Sessions.Benchmarks.Memory;
using Sessions.Benchmarks.Query;
using Sessions.Benchmarks.Recovery;
using Sessions.Benchmarks.Replay;
using Sessions.Benchmarks.Reporting;
using Sessions.Benchmarks.Rules;
using Sessions.Benchmarks.Steady;
using Sessions.Benchmarks.Visitors;
using Sessions.Benchmarks.Yardsticks;

IBenchmark[] all =
[
    new IngestBenchmark(IngestLoad.OneDevice),
    new IngestBenchmark(IngestLoad.Mixed),
    new VisitorsBenchmark(),
    new LatencyBenchmark(),
    new LifecycleBenchmark(),
    new LifeBenchmark(),
    new RecoveryBenchmark(),
    new ClusterBenchmark(),
    new RulesBenchmark(),
    new MemoryBenchmark(),
    new SteadyBenchmark(),
    new ReplayBenchmark(),
    new QueryBenchmark(),
];

if (args is [PerEventServer.Command, ..])
{
    await PerEventServer.Run(args[1], int.Parse(args[2], CultureInfo.InvariantCulture));
    return 0;
}

if (args is [LoadCommand.Command, ..])
{
    return await LoadCommand.Run(args);
}

var names = new List<string>();
int rounds = 3;
int seconds = 6;
int sessions = 0;
int minutes = 60;
for (int i = 0; i < args.Length; i++)
{
    switch (args[i])
    {
        case "--list":
            foreach (IBenchmark benchmark in all)
            {
                Console.WriteLine($"{benchmark.Name,-10} {benchmark.Measures}");
            }

            return 0;
        case "--rounds" when TryCount(i + 1, out rounds):
        case "--seconds" when TryCount(i + 1, out seconds):
        case "--sessions" when TryCount(i + 1, out sessions):
        case "--minutes" when TryCount(i + 1, out minutes):
            i++;
            break;
        case var name when all.Any(benchmark => benchmark.Name == name):
            names.Add(name);
            break;
        default:
            Console.Error.WriteLine(
                $"bench: '{args[i]}' is no benchmark and no option; there are {string.Join(", ", all.Select(one => one.Name))}; --help says more");
            return 2;
    }
}

var bench = new Bench(rounds, TimeSpan.FromSeconds(seconds))
{
    Sessions = sessions == 0 ? Bench.AllSessions : sessions,
    Steady = TimeSpan.FromMinutes(minutes),
};
int failed = 0;
foreach (IBenchmark benchmark in all.Where(one => names.Count == 0 || names.Contains(one.Name)))
{
    Bench.Say($"{benchmark.Name}: {benchmark.Measures}");
    try
    {
        await benchmark.Run(bench);
    }
    catch (Exception failure)
    {
        // The others are still worth having; the exit code says that this one is not there.
        Console.Error.WriteLine($"bench: {benchmark.Name} failed: {failure}");
        failed++;
    }
}

string file = await BenchFile.Write(bench);
Console.WriteLine(Table.Of(bench));
Console.WriteLine($"Written to {file}");
return failed == 0 ? 0 : 1;

bool TryCount(int at, out int count)
{
    count = 0;
    return at < args.Length && int.TryParse(args[at], NumberStyles.None, CultureInfo.InvariantCulture, out count) && count > 0;
}
