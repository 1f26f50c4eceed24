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

    // They are begun at this rate or more, on any machine that is worth a measurement.
    private const int BegunPerSecond = 800;

    // It starts and compiles, and looks a few times what is due.
    private static readonly TimeSpan Settles = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan EndsBound = TimeSpan.FromHours(2);

    public string Name => "memory";

    public string Measures => "bytes of the process for each live session, its grains active or not; when all of a million end (over half an hour)";

    public async Task Run(Bench bench)
    {
        int all = bench.Sessions;
        int first = Math.Min(First, all);
        // As short as it can be when all of them are to be live at once.
        TimeSpan idle = TimeSpan.FromSeconds(60 + (all / BegunPerSecond));
        await using Product product = await Product.Start(Name, settings: new Dictionary<string, string>
        {
            ["Sessions__IdleTimeout"] = idle.ToString("c"),
            // What the collector could give back it is to give back: what counts is what sessions need.
            ["DOTNET_GCConserveMemory"] = "7",
        });
        var load = new HttpLoad(product.Ready.Gateways[0], "/batch/", product.Ready.ProjectToken, all);
        await load.Run(1, TimeSpan.FromMinutes(1), 2_000);
        await product.Restart();
        await Task.Delay(Settles);
        long started = Resident(product);
        await load.Run(1, TimeSpan.FromMinutes(1), 2_000);
        long empty = Resident(product);
        var clock = Stopwatch.StartNew();
        await load.Run(1, TimeSpan.FromHours(1), first - 4_000);
        long live = await Live(product);
        Report(bench, $"live, both grains active, at {live:N0}", Resident(product) - empty, first - 4_000, new Bar(8_192, 5_120, IsMost: true));
        await product.Restart();
        await Task.Delay(Settles);
        live = await Live(product);
        Report(bench, $"live, both grains deactivated, at {live:N0}", Resident(product) - started, live, new Bar(512, 205, IsMost: true));
        if (all > first)
        {
            await load.Run(1, TimeSpan.FromHours(1), all - first);
            bench.Note($"{all:N0} sessions begun in", $"{clock.Elapsed.TotalMinutes:0.0} minutes");
            live = await Live(product);
            Report(bench, $"live, both grains active but for the first {first:N0}, at {live:N0}", Resident(product) - started, live, new Bar(8_192, 5_120, IsMost: true));
        }

        bench.Note($"{all:N0} sessions ended, the last", await LastEnd(product, idle));
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

    private static Task<long> Live(Product product) => product.Ask<long>("select count(*) from tracking.sessions where status = 'live'");

    private static long Resident(Product product) => product.OwnProcesses.Sum(Signals.ResidentBytes);

    /// <summary>How long after its timeout the last session ended, by its own journal.</summary>
    private static async Task<string> LastEnd(Product product, TimeSpan idle)
    {
        var clock = Stopwatch.StartNew();
        using PeriodicTimer pace = new(TimeSpan.FromSeconds(10));
        while (await product.Ask<bool>("select exists (select from tracking.sessions where status = 'live')") && clock.Elapsed < EndsBound)
        {
            await pace.WaitForNextTickAsync();
        }

        double late = await product.Ask<double>(
            $"""
            select coalesce(max(extract(epoch from j.received_at - s.end_timestamp)), 0)::float8 - {idle.TotalSeconds}
            from   tracking.sessions s join tracking.journal j using (project, session_id)
            where  j.kind = 2
            """);
        long left = await Live(product);
        return $"{late:0.0} s after its timeout; {left:N0} are still live";
    }
}
