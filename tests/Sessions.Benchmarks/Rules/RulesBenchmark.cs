using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Loggers;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using Sessions.Benchmarks.Reporting;
using Sessions.SystemTests.Harness;

namespace Sessions.Benchmarks.Rules;

/// <summary>The rules on their own: time and memory for each event.</summary>
internal sealed class RulesBenchmark : IBenchmark
{
    public string Name => "domain";

    public string Measures => "BenchmarkDotNet on the rules: reading an event's facts, folding it in, its channel, its checkpoint";

    public Task Run(Bench bench)
    {
        // In this process: the machine's other work is on the table already, and a build for each would be more of it.
        IConfig config = ManualConfig.CreateEmpty()
            .AddJob(Job.ShortRun.WithToolchain(InProcessEmitToolchain.Instance))
            .AddDiagnoser(BenchmarkDotNet.Diagnosers.MemoryDiagnoser.Default)
            .AddColumnProvider(BenchmarkDotNet.Columns.DefaultColumnProviders.Instance)
            .AddLogger(NullLogger.Instance)
            .WithArtifactsPath(Repository.Artifacts("bench"));
        Summary summary = BenchmarkRunner.Run<RulesOfAnEvent>(config);
        foreach (BenchmarkReport report in summary.Reports)
        {
            string what = report.BenchmarkCase.Descriptor.WorkloadMethodDisplayInfo;
            if (report.ResultStatistics is not { } statistics)
            {
                throw new InvalidOperationException($"{what} could not be measured.");
            }

            bench.Report(new Figure { Benchmark = Name, Name = what, Value = statistics.Median, Unit = "ns an event" });
            bench.Report(new Figure
            {
                Benchmark = Name,
                Name = what,
                Value = report.GcStats.GetBytesAllocatedPerOperation(report.BenchmarkCase) ?? 0,
                Unit = "bytes an event",
            });
        }

        return Task.CompletedTask;
    }
}
