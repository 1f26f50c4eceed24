using System.Diagnostics;
using Sessions.Benchmarks.Audit;
using Sessions.Benchmarks.Harness;
using Sessions.Benchmarks.Load;
using Sessions.Benchmarks.Reporting;
using Sessions.Benchmarks.Yardsticks;

namespace Sessions.Benchmarks.Lifecycle;

/// <summary>
/// Sessions that begin, each with its reminder, and end by idling. New visitors come all the time: after one idle timeout
/// as many sessions end as began one timeout before, so that a minute shows what both together cost.
/// </summary>
internal sealed class LifecycleBenchmark : IBenchmark
{
    private const int MostDevices = 50_000_000;

    private const string Ended = "select count(*) from tracking.sessions where status = 'ended'";

    // The shortest there is, so that the ends come while somebody waits for them.
    private static readonly TimeSpan Idle = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan EndsBound = TimeSpan.FromMinutes(5);

    public string Name => "lifecycle";

    public string Measures => "sessions begun and ended a second, reminders included, against upserts of one row";

    public async Task Run(Bench bench)
    {
        await using Product product = await Product.Start(
            Name, settings: new Dictionary<string, string> { ["Sessions__IdleTimeout"] = Idle.ToString("c") });
        await DurabilitySettings.Note(bench, product);
        var upserts = new OneRowUpserts(product);
        await upserts.Prepare();
        var yardstick = new List<double> { await upserts.Run(bench.Duration) };
        var load = new HttpLoad(product.Ready.Gateways[0], "/batch/", product.Ready.ProjectToken, MostDevices);

        // The first half compiles what it runs; in the second half nothing ends yet.
        await load.Run(1, Idle / 2);
        CpuMeter before = CpuMeter.Read(product);
        LoadResult begun = await load.Run(1, Idle / 2);
        Cost ofBeginning = new(CpuMeter.Read(product) - before, begun.Acknowledged);
        Bench.Say($"begun {begun.PerSecond:N0}/s, {ofBeginning}");

        var rates = new List<double>();
        var costs = new List<Cost>();
        for (int round = 1; round <= bench.Rounds; round++)
        {
            long endedBefore = await product.Ask<long>(Ended);
            StoreCounts counted = await StoreCounts.Read(product);
            before = CpuMeter.Read(product);
            LoadResult result = await load.Run(1, Idle);
            CpuMeter used = CpuMeter.Read(product) - before;
            counted = await StoreCounts.Read(product) - counted;
            long ended = await product.Ask<long>(Ended) - endedBefore;
            double both = (result.Acknowledged + ended) / 2.0;
            rates.Add(both / result.Elapsed.TotalSeconds);
            costs.Add(new Cost(used, both));
            Bench.Say($"round {round}: begun {result.Acknowledged:N0}, ended {ended:N0}, {rates[^1]:N0} of both a second, {costs[^1]}");
            Bench.Say($"a session: {counted.Per(both)}");
        }

        await AllEnd(product);
        for (int round = 1; round <= bench.Rounds; round++)
        {
            yardstick.Add(await upserts.Run(bench.Duration));
        }

        bench.Report(new Figure
        {
            Benchmark = Name,
            Name = "begun and ended",
            Value = Figure.Median(rates),
            Unit = "sessions/s",
            Yardstick = new Yardstick("one-row upserts/s", Figure.Median(yardstick)),
            Bar = new Bar(1, 4),
            Rounds = rates,
        });
        bench.Report(new Figure { Benchmark = Name, Name = "begun, when none ends", Value = begun.PerSecond, Unit = "sessions/s" });
        Report("begun", [ofBeginning]);
        Report("begun and ended", costs);
        await EndAudit.Check(bench, product, load.Acknowledged, load.Unclear, Name);
        long reminders = await product.Ask<long>("select count(*) from orleans.orleansreminderstable");
        bench.Note("reminders left when all sessions have ended", $"{reminders}");

        void Report(string what, List<Cost> measured)
        {
            bench.Report(new Figure
            {
                Benchmark = Name,
                Name = $"{what}, CPU of gateway and silo",
                Value = Figure.Median(measured.Select(cost => cost.Own)),
                Unit = "µs a session",
            });
            bench.Report(new Figure
            {
                Benchmark = Name,
                Name = $"{what}, CPU of Postgres",
                Value = Figure.Median(measured.Select(cost => cost.Postgres)),
                Unit = "µs a session",
            });
        }
    }

    private static async Task AllEnd(Product product)
    {
        var clock = Stopwatch.StartNew();
        using PeriodicTimer pace = new(TimeSpan.FromSeconds(1));
        while (await product.Ask<bool>("select exists (select from tracking.sessions where status = 'live')"))
        {
            if (clock.Elapsed > EndsBound)
            {
                throw new InvalidOperationException($"Not all sessions ended within {EndsBound}.");
            }

            await pace.WaitForNextTickAsync();
        }
    }

    /// <summary>CPU time by the kernel's count, in microseconds for each session.</summary>
    private sealed record Cost(double Own, double Postgres, double Load)
    {
        public Cost(CpuMeter used, double sessions)
            : this(used.Own.TotalMicroseconds / sessions, used.Postgres.TotalMicroseconds / sessions, used.Load.TotalMicroseconds / sessions)
        {
        }

        public override string ToString() => $"CPU µs a session: own {Own:0}, Postgres {Postgres:0}, load {Load:0}";
    }
}
