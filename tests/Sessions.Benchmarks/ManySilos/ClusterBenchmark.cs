using Sessions.Benchmarks.Audit;
using Sessions.Benchmarks.Harness;
using Sessions.Benchmarks.Load;
using Sessions.Benchmarks.Reporting;

namespace Sessions.Benchmarks.ManySilos;

/// <summary>What the same events cost with more silos: how much of a further machine would be lost to talking.</summary>
internal sealed class ClusterBenchmark : IBenchmark
{
    private const int Devices = 5_000;
    private const double Million = 1_000_000;

    private static readonly int[] Silos = [1, 2, 4];

    public string Name => "cluster";

    public string Measures => "CPU seconds a million events at 10 a request with 1, 2 and 4 silos and a gateway";

    public async Task Run(Bench bench)
    {
        double? one = null;
        foreach (int silos in Silos)
        {
            await using Product product = await Product.Start($"{Name}-{silos}", silos, gateways: 1);
            var load = new HttpLoad(product.Ready.Gateways[0], "/batch/", product.Ready.ProjectToken, Devices);
            await load.OpenDevices();
            await load.Run(10, bench.Duration);
            var seconds = new List<double>();
            for (int round = 0; round < bench.Rounds; round++)
            {
                CpuMeter before = CpuMeter.Read(product);
                LoadResult result = await load.Run(10, bench.Duration);
                seconds.Add((CpuMeter.Read(product) - before).Product.TotalSeconds * Million / result.Acknowledged);
            }

            double median = Figure.Median(seconds);
            one ??= median;
            bench.Report(new Figure
            {
                Benchmark = Name,
                Name = silos == 1 ? "1 silo" : $"{silos} silos",
                Value = median,
                Unit = "CPU s a million events",
                Yardstick = silos == 1 ? null : new Yardstick("with 1", one.Value),
                Rounds = seconds,
            });
            await EndAudit.Check(bench, product, load.Acknowledged, load.Unclear, $"{Name}, {silos}");
        }
    }
}
