using Sessions.Benchmarks.Audit;
using Sessions.Benchmarks.Harness;
using Sessions.Benchmarks.Latency;
using Sessions.Benchmarks.Load;
using Sessions.Benchmarks.Reporting;

namespace Sessions.Benchmarks.Steady;

/// <summary>
/// An hour at half of the most, of visitors who come, go and come back: whether what updates and deletions leave behind is
/// taken away as fast as it comes, or tables grow, and each event costs more from minute to minute.
/// </summary>
internal sealed class SteadyBenchmark : IBenchmark
{
    private const int EventsPerRequest = 3;

    // With their indexes some 40 GB: a disk has an end.
    private const long MostEvents = 36_000_000;

    // Numbers of requests far from each other, so that no two kinds of load send the same visit.
    private const long FirstSteady = 1L << 28;

    // Less of a table says nothing: a page is not a share.
    private const long WorthASize = 1 << 20;

    // Sessions end within 5 seconds of their timeout, and rows are at most 10 behind.
    private const string Overdue =
        "select count(*) from tracking.sessions where status = 'live' and end_timestamp < now() - interval '75 seconds'";

    private static readonly TimeSpan Slice = TimeSpan.FromMinutes(1);

    // The shortest there is: what begins has also ended before the first figures are taken.
    private static readonly TimeSpan Idle = TimeSpan.FromSeconds(60);

    public string Name => "steady";

    public string Measures => "what an hour of load leaves behind in Postgres' tables, and whether an event costs more at its end (over an hour, 40 GB)";

    public async Task Run(Bench bench)
    {
        await using Product product = await Product.Start(
            Name, settings: new Dictionary<string, string> { ["Sessions__IdleTimeout"] = Idle.ToString("c") });
        await DurabilitySettings.Note(bench, product);
        Uri target = product.Ready.Gateways[0];
        var closed = new HttpLoad(target, "/batch/", product.Ready.ProjectToken, ComingAndGoing.From(0));
        await closed.Run(EventsPerRequest, Idle);
        double most = (await closed.Run(EventsPerRequest, Idle)).PerSecond;
        double rate = Math.Min(most / 2, MostEvents / bench.Steady.TotalSeconds);
        bench.Report(new Figure { Benchmark = Name, Name = "the most, while sessions begin and end", Value = most, Unit = "events/s" });
        bench.Report(new Figure { Benchmark = Name, Name = $"sent for {bench.Steady.TotalMinutes:0} minutes", Value = rate, Unit = "events/s" });

        var open = new OpenLoop(target, "/batch/", product.Ready.ProjectToken, ComingAndGoing.From(FirstSteady));
        var minutes = new List<Minute>();
        for (TimeSpan done = TimeSpan.Zero; done < bench.Steady; done += Slice)
        {
            CpuMeter before = CpuMeter.Read(product);
            double[] latencies = await open.Run(rate / EventsPerRequest, EventsPerRequest, Slice);
            double events = latencies.Length * EventsPerRequest;
            CpuMeter used = CpuMeter.Read(product) - before;
            minutes.Add(new Minute(
                OpenLoop.Percentile(latencies, 0.99), used.Own.TotalMicroseconds / events, used.Postgres.TotalMicroseconds / events,
                await product.Ask<long>(Overdue), await TableWear.Read(product)));
            Bench.Say($"minute {minutes.Count}: {minutes[^1]}");
        }

        Minute[] first = [.. minutes.Take(Math.Max(1, minutes.Count / 6))];
        Minute[] last = [.. minutes.TakeLast(first.Length)];
        Report(bench, "p99", "ms", first, last, minute => minute.P99, null);
        Report(bench, "CPU of gateway and silo", "µs an event", first, last, minute => minute.Own, new Bar(1.25, 1.05, IsMost: true));
        Report(bench, "CPU of Postgres", "µs an event", first, last, minute => minute.Postgres, new Bar(1.25, 1.05, IsMost: true));
        foreach (string table in last[^1].Tables.Values.Where(table => table.Bytes > WorthASize).Select(table => table.Table).Order())
        {
            Report(bench, $"{table}", "bytes a row", first, last, minute => minute.Tables[table].BytesARow, new Bar(1.25, 1.05, IsMost: true));
            bench.Note($"steady, {table}", $"{last[^1].Tables[table]}; at most {minutes.Max(minute => minute.Tables[table].Dead):N0} dead");
        }

        bench.Report(new Figure
        {
            Benchmark = Name,
            Name = "live sessions that should have ended, at most",
            Value = minutes.Max(minute => minute.Overdue),
            Unit = "sessions",
        });
        await EndAudit.Check(bench, product, closed.Acknowledged + open.Acknowledged, closed.Unclear + open.Unclear, Name);
    }

    private void Report(Bench bench, string what, string unit, Minute[] first, Minute[] last, Func<Minute, double> of, Bar? bar) => bench.Report(new Figure
    {
        Benchmark = Name,
        Name = $"{what}, in the last {last.Length} minutes",
        Value = Figure.Median(last.Select(of)),
        Unit = unit,
        Yardstick = new Yardstick($"in the first {first.Length}", Figure.Median(first.Select(of))),
        Bar = bar,
    });

    /// <summary>What a minute cost, and how the tables were after it.</summary>
    private sealed record Minute(double P99, double Own, double Postgres, long Overdue, Dictionary<string, TableWear> Tables)
    {
        public override string ToString()
        {
            TableWear most = Tables.Values.MaxBy(table => table.Dead)!;
            return $"p99 {P99:0.0} ms, own {Own:0.0} and Postgres {Postgres:0.0} µs an event, {Overdue} overdue; most dead: {most}";
        }
    }
}
