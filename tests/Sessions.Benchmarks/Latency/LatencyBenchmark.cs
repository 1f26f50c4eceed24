using Sessions.Benchmarks.Audit;
using Sessions.Benchmarks.Harness;
using Sessions.Benchmarks.Load;
using Sessions.Benchmarks.Reporting;

namespace Sessions.Benchmarks.Latency;

/// <summary>How long a sender waits for its answer while others send too.</summary>
internal sealed class LatencyBenchmark : IBenchmark
{
    private const int Devices = 5_000;
    private const int EventsPerRequest = 10;

    public string Name => "latency";

    public string Measures => "from a request's due time to its answer, at a quarter and at half of the most that it takes";

    public async Task Run(Bench bench)
    {
        await using Product product = await Product.Start(Name);
        await DurabilitySettings.Note(bench, product);
        Uri target = product.Ready.Gateways[0];
        var closed = new HttpLoad(target, "/batch/", product.Ready.ProjectToken, Devices);
        await closed.OpenDevices();
        await closed.Run(EventsPerRequest, bench.Duration);
        var most = new List<double>();
        var latencies = new Dictionary<double, List<double[]>> { [0.25] = [], [0.5] = [] };
        var open = new OpenLoop(target, "/batch/", product.Ready.ProjectToken, VisitsOf.OneDeviceARequest(Devices));
        for (int round = 0; round < bench.Rounds; round++)
        {
            most.Add((await closed.Run(EventsPerRequest, bench.Duration)).PerSecond / EventsPerRequest);
            foreach ((double share, List<double[]> rounds) in latencies)
            {
                rounds.Add(await open.Run(most[^1] * share, EventsPerRequest, bench.Duration));
            }
        }

        bench.Report(new Figure { Benchmark = Name, Name = "the most", Value = Figure.Median(most), Unit = "requests/s", Rounds = most });
        foreach ((double share, List<double[]> rounds) in latencies)
        {
            foreach ((string name, double at) in new[] { ("p50", 0.5), ("p99", 0.99), ("p99.9", 0.999) })
            {
                double[] values = [.. rounds.Select(round => OpenLoop.Percentile(round, at))];
                bench.Report(new Figure
                {
                    Benchmark = Name,
                    Name = $"{name} at {share:0%} of it",
                    Value = Figure.Median(values),
                    Unit = "ms",
                    Bar = name == "p99" && share == 0.5 ? new Bar(60, 20, IsMost: true) : null,
                    Rounds = values,
                });
            }
        }

        await EndAudit.Check(bench, product, closed.Acknowledged + open.Acknowledged, closed.Unclear + open.Unclear, Name);
    }
}
