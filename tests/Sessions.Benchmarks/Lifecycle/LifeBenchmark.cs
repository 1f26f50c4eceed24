using System.Diagnostics;
using Sessions.Benchmarks.Audit;
using Sessions.Benchmarks.Harness;
using Sessions.Benchmarks.Load;
using Sessions.Benchmarks.Reporting;

namespace Sessions.Benchmarks.Lifecycle;

/// <summary>
/// What a session's whole life costs, in counts: transactions, log, rows and allocated bytes. A number of new visitors
/// begin with one event each and idle; the same visitors come back; and others send five requests of three events, some
/// seconds apart.
/// </summary>
internal sealed class LifeBenchmark : IBenchmark
{
    private const int Devices = 12_000;
    private const int Warm = 4_000;
    private const int Visitors = 6_000;
    private const int Requests = 5;
    private const int EventsPerRequest = 3;
    private const int FirstVisitor = 1_000_000;

    private static readonly TimeSpan Idle = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Between = TimeSpan.FromSeconds(7);
    private static readonly TimeSpan EndsBound = TimeSpan.FromMinutes(5);

    public string Name => "life";

    public string Measures => "what one session costs from its beginning to its end, in counts of Postgres and bytes of memory";

    public async Task Run(Bench bench)
    {
        await using Product product = await Product.Start(
            Name, settings: new Dictionary<string, string> { ["Sessions__IdleTimeout"] = Idle.ToString("c") });
        Uri target = product.Ready.Gateways[0];
        string token = product.Ready.ProjectToken;
        long sessions = 0;

        // Compiles everything, and is over before anything is counted.
        HttpLoad load = Of(device: 500_000, session: 500_000);
        await load.Run(1, EndsBound, Warm);
        await AllEnd(product);
        sessions += Warm;

        HttpLoad ones = Of(device: 0, session: 600_000);
        await Phase("new visitors, one event each", () => ones.Run(1, EndsBound, Devices), Devices);
        HttpLoad again = Of(device: 0, session: 700_000);
        await Phase("the same visitors come back", () => again.Run(1, EndsBound, Devices), Devices);
        HttpLoad visits = new(target, "/batch/", token, (request, _, _) => VisitOf((int)(request % Visitors))) { FirstEvent = FirstVisitor };
        await Phase("visits of 5 requests of 3 events", Visits, Visitors);
        await EndAudit.Check(
            bench, product, load.Acknowledged + ones.Acknowledged + again.Acknowledged + visits.Acknowledged, load.Unclear + ones.Unclear + again.Unclear + visits.Unclear, Name);

        // Numbers far from each other, so that no two loads send the same session or event.
        HttpLoad Of(int device, int session) =>
            new(target, "/batch/", token, (request, _, _) => new Visit(device + (int)request, session + (int)request)) { FirstEvent = session };

        static Visit VisitOf(int visitor) => new(FirstVisitor + visitor, FirstVisitor + visitor);

        async Task<LoadResult> Visits()
        {
            LoadResult result = await visits.Run(EventsPerRequest, EndsBound, Visitors);
            using PeriodicTimer pace = new(Between);
            for (int request = 1; request < Requests; request++)
            {
                await pace.WaitForNextTickAsync();
                result = await visits.Run(EventsPerRequest, EndsBound, Visitors);
            }

            return result;
        }

        async Task Phase(string what, Func<Task<LoadResult>> run, int number)
        {
            StoreCounts before = await StoreCounts.Read(product);
            double allocated = await AllocationMeter.Read(product);
            CpuMeter cpu = CpuMeter.Read(product);
            if ((await run()).Complaint is { } complaint)
            {
                throw new InvalidOperationException($"A request failed: {complaint}");
            }

            CpuMeter begunCpu = CpuMeter.Read(product);
            StoreCounts begun = await StoreCounts.Read(product);
            double begunAllocated = await AllocationMeter.Read(product);
            await AllEnd(product);
            CpuMeter endedCpu = CpuMeter.Read(product);
            StoreCounts ended = await StoreCounts.Read(product);
            double endedAllocated = await AllocationMeter.Read(product);
            sessions += number;
            Say("begun", begun - before, begunAllocated - allocated, begunCpu - cpu);
            Say("ended", ended - begun, endedAllocated - begunAllocated, endedCpu - begunCpu);
            StoreCounts life = ended - before;
            Report("transactions", life.Transactions, "a session");
            Report("log", life.WalBytes, "bytes a session");
            Report("log records", life.WalRecords, "a session");
            Report("rows written", life.Tables.Values.Sum(table => table.Changed), "a session");
            Report("index entries, at most", life.Tables.Values.Sum(table => table.IndexEntries), "a session");
            Report("allocated", endedAllocated - allocated, "bytes a session");
            Report("CPU of gateway and silo", (endedCpu - cpu).Own.TotalMicroseconds, "µs a session");
            Report("CPU of Postgres", (endedCpu - cpu).Postgres.TotalMicroseconds, "µs a session");

            void Say(string stage, StoreCounts counts, double bytes, CpuMeter used) => Bench.Say(
                $"{what}, {stage}, a session: {counts.Per(number)}; {bytes / number:N0} bytes allocated; CPU µs: own {used.Own.TotalMicroseconds / number:0}, Postgres {used.Postgres.TotalMicroseconds / number:0}");

            void Report(string figure, double value, string unit) =>
                bench.Report(new Figure { Benchmark = Name, Name = $"{what}: {figure}", Value = value / number, Unit = unit });
        }

        async Task AllEnd(Product of)
        {
            var clock = Stopwatch.StartNew();
            using PeriodicTimer pace = new(TimeSpan.FromSeconds(1));
            while (await of.Ask<bool>("select exists (select from tracking.sessions where status = 'live')"))
            {
                if (clock.Elapsed > EndsBound)
                {
                    throw new InvalidOperationException($"Not all sessions ended within {EndsBound}.");
                }

                await pace.WaitForNextTickAsync();
            }
        }
    }
}
