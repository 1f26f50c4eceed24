using System.Diagnostics;
using Sessions.Benchmarks.Audit;
using Sessions.Benchmarks.Harness;
using Sessions.Benchmarks.Load;
using Sessions.Benchmarks.Reporting;
using Sessions.SystemTests.Harness;

namespace Sessions.Benchmarks.Recovery;

/// <summary>One of three silos is killed: how long until every device is answered again.</summary>
internal sealed class RecoveryBenchmark : IBenchmark
{
    private const int Devices = 2_000;

    public string Name => "recovery";

    public string Measures => "from kill -9 of one of three silos to the last device's answer";

    public async Task Run(Bench bench)
    {
        var seconds = new List<double>();
        long acknowledged = 0;
        long unclear = 0;
        for (int round = 0; round < bench.Rounds; round++)
        {
            await using Product product = await Product.Start(Name, silos: 3, gateways: 1);
            var load = new HttpLoad(product.Ready.Gateways[0], "/batch/", product.Ready.ProjectToken, Devices);
            await load.OpenDevices();
            Signals.Kill9(product.Ready.OfRole("silo").First().Pid);
            long killed = Stopwatch.GetTimestamp();
            LoadResult result;
            do
            {
                // Every device once. Some requests may be told to try again, as an SDK would.
                result = await load.OpenDevices();
            }
            while (result.Unclear > 0);

            seconds.Add(Stopwatch.GetElapsedTime(killed).TotalSeconds);
            acknowledged = load.Acknowledged;
            unclear = load.Unclear;
            await EndAudit.Check(bench, product, acknowledged, unclear, Name);
        }

        bench.Report(new Figure { Benchmark = Name, Name = "the last device is answered after", Value = Figure.Median(seconds), Unit = "s", Rounds = seconds });
    }
}
