using Sessions.Benchmarks.Audit;
using Sessions.Benchmarks.Harness;
using Sessions.Benchmarks.Load;
using Sessions.Benchmarks.Reporting;

namespace Sessions.Benchmarks.ManySilos;

/// <summary>What the same events cost with more silos: how much of a further machine would be lost to talking.</summary>
internal sealed class ClusterBenchmark : IBenchmark
{
    private const int Devices = 5_000;
    private const int EventsPerRequest = 10;
    private const int ConnectionsASilo = 32;
    private const double Million = 1_000_000;

    // A minute of load compiles what it runs; before that the figures are those of the compiler.
    private static readonly TimeSpan WarmUp = TimeSpan.FromMinutes(1);

    private static readonly int[] Silos = [0, 1, 2, 4];

    public string Name => "cluster";

    public string Measures => "CPU seconds a million events at 10 a request in one process, and with a gateway and 1, 2 and 4 silos; one device's and mixed";

    public async Task Run(Bench bench)
    {
        Dictionary<bool, double> one = [];
        foreach (int silos in Silos)
        {
            await using Product product = await Product.Start($"{Name}-{silos}", silos, gateways: silos == 0 ? 0 : 1);
            HttpLoad[] loads = [Load(product, silos, areMixed: false), Load(product, silos, areMixed: true)];
            await loads[0].OpenDevices();
            foreach (HttpLoad load in loads)
            {
                await load.Run(EventsPerRequest, WarmUp / 2);
            }

            foreach (HttpLoad load in loads)
            {
                bool areMixed = !load.NamesSessions;
                double median = await Measure(bench, product, load);
                one.TryAdd(areMixed, median);
                bench.Report(new Figure
                {
                    Benchmark = Name,
                    Name = $"{(areMixed ? "mixed" : "ingest")}, {(silos == 0 ? "one process" : silos == 1 ? "a gateway and 1 silo" : $"a gateway and {silos} silos")}",
                    Value = median,
                    Unit = "CPU s a million events",
                    Yardstick = silos == 0 ? null : new Yardstick("in one process", one[areMixed]),
                    Bar = silos == 4 ? new Bar(1.4, 1.15, IsMost: true) : null,
                });
            }

            await EndAudit.Check(bench, product, loads.Sum(load => load.Acknowledged), loads.Sum(load => load.Unclear), $"{Name}, {silos}");
        }
    }

    // Both loads have the same devices. A number of an event is one event's id for good, so each load has its own.
    private static HttpLoad Load(Product product, int silos, bool areMixed) => new(
        product.Ready.Gateways[0],
        "/batch/",
        product.Ready.ProjectToken,
        areMixed ? VisitsOf.OneDeviceAnEvent(Devices) : VisitsOf.OneDeviceARequest(Devices))
    {
        Devices = Devices,
        NamesSessions = !areMixed,
        Connections = ConnectionsASilo * Math.Max(1, silos),
        FirstEvent = areMixed ? 1L << 32 : 0,
    };

    private static async Task<double> Measure(Bench bench, Product product, HttpLoad load)
    {
        var seconds = new List<double>();
        for (int round = 0; round < bench.Rounds; round++)
        {
            CpuMeter before = CpuMeter.Read(product);
            LoadResult result = await load.Run(EventsPerRequest, bench.Duration);
            seconds.Add((CpuMeter.Read(product) - before).Product.TotalSeconds * Million / result.Acknowledged);
        }

        return Figure.Median(seconds);
    }
}
