using System.Diagnostics;
using Sessions.Benchmarks.Audit;
using Sessions.Benchmarks.Harness;
using Sessions.Benchmarks.Load;
using Sessions.Benchmarks.Reporting;
using Sessions.Benchmarks.Yardsticks;

namespace Sessions.Benchmarks.Lifecycle;

/// <summary>Sessions that begin, each with its reminder, and end by idling.</summary>
internal sealed class LifecycleBenchmark : IBenchmark
{
    private const int SessionsOfARound = 20_000;

    // The shortest there is, so that the ends come while somebody waits for them.
    private const int IdleSeconds = 60;

    private static readonly TimeSpan EndsBound = TimeSpan.FromMinutes(5);

    public string Name => "lifecycle";

    public string Measures => "sessions begun and ended a second, reminders included, against upserts of one row";

    public async Task Run(Bench bench)
    {
        await using Product product = await Product.Start(
            Name, settings: new Dictionary<string, string> { ["Sessions__IdleTimeout"] = TimeSpan.FromSeconds(IdleSeconds).ToString("c") });
        await DurabilitySettings.Note(bench, product);
        var upserts = new OneRowUpserts(product);
        await upserts.Prepare();
        var yardstick = new List<double>();
        var begun = new List<double>();
        var ended = new List<double>();
        var load = new HttpLoad(product.Ready.Gateways[0], "/batch/", product.Ready.ProjectToken, SessionsOfARound * bench.Rounds);
        for (int round = 1; round <= bench.Rounds; round++)
        {
            yardstick.Add(await upserts.Run(bench.Duration));
            LoadResult result = await load.Run(1, TimeSpan.FromMinutes(10), SessionsOfARound);
            begun.Add(result.PerSecond);
            ended.Add(await Ends(product, round * SessionsOfARound));
            Bench.Say($"round {round}: begun {begun[^1]:N0}/s, ended {ended[^1]:N0}/s, upserts {yardstick[^1]:N0}/s");
        }

        // One core-second buys so many of either: begun and ended one after the other is what both together cost.
        double both = 1 / ((1 / Figure.Median(begun)) + (1 / Figure.Median(ended)));
        bench.Report(new Figure
        {
            Benchmark = Name,
            Name = "begun and ended",
            Value = both,
            Unit = "sessions/s",
            Yardstick = new Yardstick("one-row upserts/s", Figure.Median(yardstick)),
            Bar = new Bar(1, 4),
        });
        bench.Report(new Figure { Benchmark = Name, Name = "begun", Value = Figure.Median(begun), Unit = "sessions/s", Rounds = begun });
        bench.Report(new Figure { Benchmark = Name, Name = "ended, as fast as they fall due", Value = Figure.Median(ended), Unit = "sessions/s", Rounds = ended });
        await EndAudit.Check(bench, product, load.Acknowledged, load.Unclear, Name);
        long reminders = await product.Ask<long>("select count(*) from orleans.orleansreminderstable");
        bench.Note("reminders left when all sessions have ended", $"{reminders}");
    }

    /// <summary>The rate at which they end once the first does.</summary>
    private static async Task<double> Ends(Product product, long all)
    {
        const string Ended = "select count(*) from tracking.sessions where status = 'ended'";
        long before = await product.Ask<long>(Ended);
        var clock = Stopwatch.StartNew();
        TimeSpan first = TimeSpan.Zero;
        using PeriodicTimer pace = new(TimeSpan.FromMilliseconds(200));
        for (long ended = before; ended < all; ended = await product.Ask<long>(Ended))
        {
            if (clock.Elapsed > EndsBound)
            {
                throw new InvalidOperationException($"Only {ended} of {all} sessions ended within {EndsBound}.");
            }

            if (first == TimeSpan.Zero && ended > before)
            {
                first = clock.Elapsed;
            }

            await pace.WaitForNextTickAsync();
        }

        return (all - before) / (clock.Elapsed - first).TotalSeconds;
    }
}
