using Sessions.Benchmarks.Audit;
using Sessions.Benchmarks.Harness;
using Sessions.Benchmarks.Latency;
using Sessions.Benchmarks.Load;
using Sessions.Benchmarks.Reporting;
using Sessions.Benchmarks.Steady;
using Sessions.Benchmarks.Yardsticks;

namespace Sessions.Benchmarks.Visitors;

/// <summary>
/// Visitors who come, send some requests, go and come back, at full speed: sessions begin and end all the while. Then half
/// of that rate, to see how long answers take.
/// </summary>
internal sealed class VisitorsBenchmark : IBenchmark
{
    private const int EventsPerRequest = 3;
    private const int Devices = 200_000;

    // Numbers of requests far from each other, so that no two kinds of load send the same visit.
    private const long FirstOfHalf = 1L << 28;

    // The shortest there is: what begins has also ended before the first figures are taken.
    private static readonly TimeSpan Idle = TimeSpan.FromSeconds(60);

    private static readonly TimeSpan Least = TimeSpan.FromSeconds(20);

    public string Name => "visitors";

    public string Measures => "durable events a second of visitors who come, go and come back, beginnings and ends included, and the latency at half of it";

    public async Task Run(Bench bench)
    {
        await using Product product = await Product.Start(
            Name, settings: new Dictionary<string, string> { ["Sessions__IdleTimeout"] = Idle.ToString("c") });
        await DurabilitySettings.Note(bench, product);
        Uri target = product.Ready.Gateways[0];
        string token = product.Ready.ProjectToken;
        var copy = new RawCopy(product, Devices, EventsPerRequest);
        await copy.Prepare();
        var upserts = new OneRowUpserts(product);
        await upserts.Prepare();
        var load = new HttpLoad(target, "/batch/", token, ComingAndGoing.From(0));
        await load.Run(EventsPerRequest, Idle * 1.5);
        List<double> most = [], copies = [], alternatives = [], upserted = [];
        List<CpuMeter> costs = [];
        TimeSpan duration = bench.Duration > Least ? bench.Duration : Least;
        await using (PerEventAlternative alternative = await PerEventAlternative.Start(product, ComingAndGoing.From(0)))
        {
            await alternative.Run(EventsPerRequest, TimeSpan.FromSeconds(2));
            for (int round = 0; round < bench.Rounds; round++)
            {
                StoreCounts counted = await StoreCounts.Read(product);
                CpuMeter before = CpuMeter.Read(product);
                LoadResult result = await load.Run(EventsPerRequest, duration);
                CpuMeter used = CpuMeter.Read(product) - before;
                counted = await StoreCounts.Read(product) - counted;
                Bench.Say($"an event: {counted.Per(result.Acknowledged)}");
                if (result.Complaint is { } complaint)
                {
                    throw new InvalidOperationException($"A request failed: {complaint}");
                }

                most.Add(result.PerSecond);
                costs.Add(new CpuMeter(used.Own / result.Acknowledged, used.Postgres / result.Acknowledged, used.Load / result.Acknowledged));
                alternatives.Add(await alternative.Run(EventsPerRequest, bench.Duration));
                copies.Add(await copy.Run(bench.Duration));
                upserted.Add(await upserts.Run(bench.Duration));
                await copy.Clear();
                Bench.Say($"round {round + 1}: {most[^1]:N0}/s (CPU µs an event: own {costs[^1].Own.TotalMicroseconds:0}, Postgres {costs[^1].Postgres.TotalMicroseconds:0}), "
                    + $"alternative {alternatives[^1]:N0}, COPY {copies[^1]:N0}, one-row upserts {upserted[^1]:N0}");
            }
        }

        var half = new OpenLoop(target, "/batch/", token, ComingAndGoing.From(FirstOfHalf));
        double rate = Figure.Median(most) / 2 / EventsPerRequest;
        await half.Run(rate, EventsPerRequest, Least);
        double[] latencies = await half.Run(rate, EventsPerRequest, Idle);

        Report("with a transaction an event", "events/s with a transaction an event", alternatives, new Bar(3, 5));
        Report("COPY", "COPY rows/s", copies, null);
        Report("one-row upserts", "one-row upserts/s", upserted, null);
        bench.Report(Cost("CPU of gateway and silo", cost => cost.Own));
        bench.Report(Cost("CPU of Postgres", cost => cost.Postgres));
        foreach ((string name, double at, Bar? bar) in new (string, double, Bar?)[] { ("p50", 0.5, null), ("p99", 0.99, new Bar(50, 20, IsMost: true)) })
        {
            bench.Report(new Figure { Benchmark = Name, Name = $"{name} at half of it", Value = OpenLoop.Percentile(latencies, at), Unit = "ms", Bar = bar });
        }

        await EndAudit.Check(bench, product, load.Acknowledged + half.Acknowledged, load.Unclear + half.Unclear, Name);

        void Report(string beside, string unit, List<double> yardstick, Bar? bar) => bench.Report(new Figure
        {
            Benchmark = Name,
            Name = $"3 a request, beside {beside}",
            Value = Figure.Median(most),
            Unit = "events/s",
            Yardstick = new Yardstick(unit, Figure.Median(yardstick)),
            Bar = bar,
            Rounds = most,
        });

        Figure Cost(string what, Func<CpuMeter, TimeSpan> of) => new()
        {
            Benchmark = Name,
            Name = what,
            Value = Figure.Median(costs.Select(cost => of(cost).TotalMicroseconds)),
            Unit = "µs an event",
        };
    }
}
