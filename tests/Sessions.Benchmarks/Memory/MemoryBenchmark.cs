using System.Diagnostics;
using Sessions.Benchmarks.Audit;
using Sessions.Benchmarks.Harness;
using Sessions.Benchmarks.Load;
using Sessions.Benchmarks.Reporting;
using Sessions.SystemTests.Harness;

namespace Sessions.Benchmarks.Memory;

/// <summary>What a live session costs in memory, and that a million of them are held and end on time.</summary>
internal sealed class MemoryBenchmark : IBenchmark
{
    private const int First = 100_000;
    private const int All = 1_000_000;

    private static readonly TimeSpan IdleTimeout = TimeSpan.FromMinutes(30);
    private static readonly TimeSpan ReadsReminders = TimeSpan.FromSeconds(40);
    private static readonly TimeSpan EndsBound = TimeSpan.FromHours(2);

    public string Name => "memory";

    public string Measures => "bytes of the process for each live session at 100,000 and a million; when the million ends (takes over an hour)";

    public async Task Run(Bench bench)
    {
        await using Product product = await Product.Start(Name, settings: new Dictionary<string, string>
        {
            ["Sessions__IdleTimeout"] = IdleTimeout.ToString("c"),
            // What the collector could give back it is to give back: what counts is what sessions need.
            ["DOTNET_GCConserveMemory"] = "7",
        });
        var load = new HttpLoad(product.Ready.Gateways[0], "/batch/", product.Ready.ProjectToken, All);
        await load.Run(1, TimeSpan.FromMinutes(1), 2_000);
        await product.Restart();
        await Task.Delay(ReadsReminders);
        long started = Resident(product);
        await load.Run(1, TimeSpan.FromMinutes(1), 2_000);
        long empty = Resident(product);
        var clock = Stopwatch.StartNew();
        await load.Run(1, TimeSpan.FromHours(1), First - 4_000);
        Report(bench, "live, both grains active, at 100,000", Resident(product) - empty, First, new Bar(8_192, 5_120, IsMost: true));
        await product.Restart();
        // The first look at the reminders of all is half a minute after the start at most.
        await Task.Delay(ReadsReminders);
        Report(bench, "live, both grains deactivated, at 100,000", Resident(product) - started, First, new Bar(512, 205, IsMost: true));
        await load.Run(1, TimeSpan.FromHours(1), All - First);
        bench.Note("a million sessions begun in", $"{clock.Elapsed.TotalMinutes:0.0} minutes");
        long live = await product.Ask<long>("select count(*) from tracking.sessions where status = 'live'");
        Report(bench, $"live, both grains active, at {live:N0}", Resident(product) - empty, live, new Bar(8_192, 5_120, IsMost: true));
        bench.Note("a million sessions ended, the last", await LastEnd(product));
        await EndAudit.Check(bench, product, load.Acknowledged, load.Unclear, Name);
    }

    private void Report(Bench bench, string name, long bytes, long sessions, Bar bar) => bench.Report(new Figure
    {
        Benchmark = Name,
        Name = name,
        Value = (double)bytes / sessions,
        Unit = "bytes a session",
        Bar = bar,
    });

    private static long Resident(Product product) => product.OwnProcesses.Sum(Signals.ResidentBytes);

    /// <summary>How long after its timeout the last session ended, by its own journal.</summary>
    private static async Task<string> LastEnd(Product product)
    {
        var clock = Stopwatch.StartNew();
        using PeriodicTimer pace = new(TimeSpan.FromSeconds(10));
        while (await product.Ask<bool>("select exists (select from tracking.sessions where status = 'live')") && clock.Elapsed < EndsBound)
        {
            await pace.WaitForNextTickAsync();
        }

        double late = await product.Ask<double>(
            $"""
            select coalesce(max(extract(epoch from j.received_at - s.end_timestamp)), 0)::float8 - {IdleTimeout.TotalSeconds}
            from   tracking.sessions s join tracking.journal j using (project, session_id)
            where  j.kind = 2
            """);
        long left = await product.Ask<long>("select count(*) from tracking.sessions where status = 'live'");
        return $"{late:0.0} s after its timeout; {left:N0} are still live";
    }
}
