using Sessions.Benchmarks.Audit;
using Sessions.Benchmarks.Harness;
using Sessions.Benchmarks.Load;
using Sessions.Benchmarks.Reporting;
using Sessions.Benchmarks.Yardsticks;

namespace Sessions.Benchmarks.Ingest;

/// <summary>Durable acknowledged events a second over HTTP, against COPY and against the obvious alternative.</summary>
internal sealed class IngestBenchmark(IngestLoad kind) : IBenchmark
{
    private const int Devices = 20_000;

    private static readonly int[] Sizes = [1, 10, 50];

    public string Name => kind.Name;

    public string Measures => kind.Measures;

    public async Task Run(Bench bench)
    {
        await using Product product = await Product.Start(Name);
        await DurabilitySettings.Note(bench, product);
        RawCopy copy = kind.AreOfDifferentDevices ? new RawCopy(product, Devices, rowsOfADevice: 1) : new RawCopy(product, Devices);
        await copy.Prepare();
        var upserts = new OneRowUpserts(product);
        await upserts.Prepare();
        Visits visits = kind.AreOfDifferentDevices ? VisitsOf.OneDeviceAnEvent(Devices) : VisitsOf.OneDeviceARequest(Devices);
        HttpLoad load = new(product.Ready.Gateways[0], "/batch/", product.Ready.ProjectToken, visits)
        {
            Devices = Devices,
            NamesSessions = !kind.AreOfDifferentDevices,
        };
        var upserted = new List<double>();
        var copies = new List<double>();
        var copyCosts = new List<double>();
        var alternatives = new List<double>();
        Dictionary<int, List<Measured>> measured = Sizes.ToDictionary(size => size, _ => new List<Measured>());

        LoadResult opened = Sound(await load.OpenDevices());
        bench.Report(new Figure { Benchmark = Name, Name = "new devices' first events", Value = opened.PerSecond, Unit = "events/s" });
        await load.Run(10, bench.Duration);
        await using (PerEventAlternative alternative = await PerEventAlternative.Start(product, visits, load.NamesSessions))
        {
            await alternative.Run(10, TimeSpan.FromSeconds(2));
            for (int round = 0; round < bench.Rounds; round++)
            {
                // Next to each other in time, so that what else the machine does falls on all of them alike.
                CpuMeter before = CpuMeter.Read(product);
                long copied = copy.Rows;
                copies.Add(await copy.Run(bench.Duration));
                CpuMeter used = CpuMeter.Read(product) - before;
                copyCosts.Add((used.Postgres + used.Load).TotalMilliseconds / (copy.Rows - copied));
                foreach (int size in Sizes)
                {
                    measured[size].Add(await Measure(product, load, size, bench.Duration));
                }

                alternatives.Add(await alternative.Run(10, bench.Duration));
                upserted.Add(await upserts.Run(bench.Duration));
                await copy.Clear();
                Bench.Say($"round {round + 1}: COPY {copies[^1]:N0}, alternative {alternatives[^1]:N0}, one-row upserts {upserted[^1]:N0}, "
                    + string.Join(", ", Sizes.Select(size => $"{size}: {measured[size][^1]}")));
            }
        }

        foreach (int size in Sizes)
        {
            bench.Report(new Figure
            {
                Benchmark = Name,
                Name = $"{size} a request",
                Value = Median(measured[size], one => one.PerSecond),
                Unit = "events/s",
                Yardstick = new Yardstick("COPY rows/s", Figure.Median(copies)),
                Bar = kind.OfCopy[size],
                Rounds = [.. measured[size].Select(one => one.PerSecond)],
            });
        }

        bench.Report(new Figure
        {
            Benchmark = Name,
            Name = "10 a request",
            Value = Median(measured[10], one => one.PerSecond),
            Unit = "events/s",
            Yardstick = new Yardstick("events/s with a transaction an event", Figure.Median(alternatives)),
            Bar = kind.OfAlternative,
        });
        bench.Report(new Figure
        {
            Benchmark = Name,
            Name = "10 a request",
            Value = Median(measured[10], one => one.PerSecond),
            Unit = "events/s",
            Yardstick = new Yardstick("one-row upserts/s", Figure.Median(upserted)),
        });
        foreach (int size in Sizes)
        {
            bench.Report(new Figure
            {
                Benchmark = Name,
                Name = $"CPU, {size} a request",
                Value = Median(measured[size], one => one.OwnMilliseconds + one.PostgresMilliseconds),
                Unit = "ms an event",
                Rounds = [.. measured[size].Select(one => one.OwnMilliseconds + one.PostgresMilliseconds)],
            });
            bench.Report(new Figure
            {
                Benchmark = Name,
                Name = $"CPU, {size} a request, Postgres' share",
                Value = Median(measured[size], one => one.PostgresMilliseconds),
                Unit = "ms an event",
            });
        }

        foreach (int size in Sizes)
        {
            bench.Report(new Figure
            {
                Benchmark = Name,
                Name = $"allocated, {size} a request, beyond its properties",
                Value = Median(measured[size], one => one.AllocatedBytes - EventText.PropertyBytes),
                Unit = "bytes an event",
                Bar = size == 1 ? new Bar(4_096, 2_048, IsMost: true) : null,
            });
        }

        bench.Report(new Figure
        {
            Benchmark = Name,
            Name = "CPU, a row of COPY, its client's included",
            Value = Figure.Median(copyCosts),
            Unit = "ms a row",
            Rounds = copyCosts,
        });
        await EndAudit.Check(bench, product, load.Acknowledged, load.Unclear, Name);
    }

    private static async Task<Measured> Measure(Product product, HttpLoad load, int size, TimeSpan duration)
    {
        double allocated = await AllocationMeter.Read(product);
        CpuMeter before = CpuMeter.Read(product);
        LoadResult result = Sound(await load.Run(size, duration));
        CpuMeter used = CpuMeter.Read(product) - before;
        allocated = await AllocationMeter.Read(product) - allocated;
        return new Measured(
            result.PerSecond,
            used.Own.TotalMilliseconds / result.Acknowledged,
            used.Postgres.TotalMilliseconds / result.Acknowledged,
            used.Load.TotalMilliseconds / result.Acknowledged,
            allocated / result.Acknowledged);
    }

    private static LoadResult Sound(LoadResult result) =>
        result.Complaint is null ? result : throw new InvalidOperationException($"A request failed: {result.Complaint}");

    private static double Median(List<Measured> rounds, Func<Measured, double> of) => Figure.Median(rounds.Select(of));

    private sealed record Measured(double PerSecond, double OwnMilliseconds, double PostgresMilliseconds, double LoadMilliseconds, double AllocatedBytes)
    {
        public override string ToString() =>
            $"{PerSecond:N0}/s (CPU µs an event: own {OwnMilliseconds * 1000:0}, Postgres {PostgresMilliseconds * 1000:0}, load {LoadMilliseconds * 1000:0}; {AllocatedBytes:N0} bytes allocated)";
    }
}
