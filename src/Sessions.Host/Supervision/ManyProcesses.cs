using System.Globalization;
using Sessions.Host.Configuration;
using Sessions.Host.Database;
using Sessions.Host.Telemetry;

namespace Sessions.Host.Supervision;

/// <summary>A cluster on this machine: a process for each silo and gateway, each started again when it dies.</summary>
internal sealed class ManyProcesses : IRunning, IDisposable
{
    private const int FirstSiloPort = 11_111;
    private const int FirstClientPort = 30_000;
    private const int FirstTelemetryPort = 9_464;
    private const string SiloPort = "Silo__Port";
    private const string TelemetryPort = "Telemetry__Port";

    // Longer than the processes give themselves.
    private static readonly TimeSpan GatewayPatience = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan SiloPatience = TimeSpan.FromSeconds(30);

    // A silo that has Postgres is gone after a second or two; one that has not must not keep the others waiting.
    private static readonly TimeSpan HeadStart = TimeSpan.FromSeconds(5);

    private readonly IReadOnlyList<KeptChild> _children;
    private readonly ReservedPorts _ports;
    private readonly ClusterPlan _plan;

    private ManyProcesses(IReadOnlyList<KeptChild> children, ReservedPorts ports, ClusterPlan plan)
    {
        _children = children;
        _ports = ports;
        _plan = plan;
    }

    public IReadOnlyList<MetricsEntry> Metrics =>
        [.. _children.Select(child => new MetricsEntry(child.Entry.Name, $"http://127.0.0.1:{child.Settings[TelemetryPort]}{TelemetrySetup.MetricsPath}"))];

    public IReadOnlyList<ProcessEntry> Processes => [.. _children.Select(child => child.Entry)];

    // Its processes are started again, however often they die.
    public Task<string> Failed { get; } = new TaskCompletionSource<string>().Task;

    /// <summary>Starts all and waits until all are at work.</summary>
    /// <param name="plan">What to start, and how.</param>
    /// <param name="changed">Called when a child has come back.</param>
    /// <param name="cancel">Gives up.</param>
    public static async Task<ManyProcesses> Start(ClusterPlan plan, Action changed, CancellationToken cancel)
    {
        ReservedPorts ports = new();
        List<KeptChild> children = [];
        foreach (ChildSpec spec in Specs(plan, ports))
        {
            children.Add(new KeptChild(spec, plan.LogDirectory, plan.Say, plan.Time)
            {
                // A dead silo is buried at once: the supervisor knows for certain, its fellows would have to find out.
                Died = spec.Role == CommandLine.Silo ? () => Bury(spec, plan) : null,
                Revived = changed,
            });
        }

        ManyProcesses running = new(children, ports, plan);
        try
        {
            await Task.WhenAll(children.Select(child => child.Start(cancel)));
            return running;
        }
        catch
        {
            await running.Stop();
            throw;
        }
    }

    /// <summary>
    /// Gateways first: they still need the silos to finish what they have in hand. Then one silo after the other: each signs
    /// off what it holds at those that are still there, which fails where all go at once. Without Postgres none can sign off.
    /// </summary>
    public async Task Stop()
    {
        using CancellationTokenSource over = new();
        StopPatience patience = StopPatience.WithProbe(_plan.Postgres, _plan.Say, _plan.Time, over.Token);
        await Task.WhenAll(
            _children.Where(child => child.Role == CommandLine.Gateway).Select(child => child.Stop(GatewayPatience, patience)));
        List<Task> silos = [];
        foreach (KeptChild silo in _children.Where(child => child.Role == CommandLine.Silo))
        {
            Task stopped = silo.Stop(SiloPatience, patience);
            silos.Add(stopped);
            await Task.WhenAny(stopped, Task.Delay(HeadStart, _plan.Time), patience.Away);
        }

        await Task.WhenAll(silos);
        await over.CancelAsync();
        Dispose();
    }

    public void Dispose()
    {
        foreach (KeptChild child in _children)
        {
            child.Dispose();
        }

        _ports.Dispose();
    }

    private static IEnumerable<ChildSpec> Specs(ClusterPlan plan, ReservedPorts ports)
    {
        for (int n = 1; n <= plan.Silos; n++)
        {
            // The same ports for every life of a silo: who comes back to an address proves the one before it dead.
            yield return Child(CommandLine.Silo, n, new()
            {
                [SiloPort] = Text(ports.From(FirstSiloPort)),
                ["Silo__ClientPort"] = Text(ports.From(FirstClientPort)),
            });
        }

        for (int n = 1; n <= plan.Gateways; n++)
        {
            yield return Child(CommandLine.Gateway, n, new() { ["Http__Port"] = Text(plan.FirstHttpPort + n - 1) });
        }

        ChildSpec Child(string role, int n, Dictionary<string, string> settings)
        {
            settings["ConnectionStrings__Postgres"] = plan.Postgres;
            settings["Cluster__ClusterId"] = plan.ClusterId;
            foreach ((string name, string value) in plan.Settings)
            {
                settings[name.Replace(":", "__", StringComparison.Ordinal)] = value;
            }

            settings["Silo__Name"] = $"{role}-{n}";
            settings[TelemetryPort] = Text(ports.From(FirstTelemetryPort));
            return new ChildSpec(role, $"{role}-{n}", settings);
        }
    }

    private static async Task Bury(ChildSpec silo, ClusterPlan plan)
    {
        try
        {
            int port = int.Parse(silo.Settings[SiloPort], CultureInfo.InvariantCulture);
            await DeadSilos.BuryAt(port, plan.Postgres, plan.ClusterId, CancellationToken.None);
        }
        catch (Exception away) when (away is Npgsql.NpgsqlException or TimeoutException)
        {
            plan.Say($"could not record the death: {RoleConfiguration.FirstLine(away)}");
        }
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}

/// <summary>What a cluster of processes is to be.</summary>
internal sealed record ClusterPlan
{
    public required int Silos { get; init; }

    public required int Gateways { get; init; }

    public required int FirstHttpPort { get; init; }

    public required string Postgres { get; init; }

    public required string ClusterId { get; init; }

    /// <summary>What all processes are told, by its name in the configuration.</summary>
    public required IReadOnlyDictionary<string, string> Settings { get; init; }

    public required string LogDirectory { get; init; }

    /// <summary>Tells a person.</summary>
    public required Action<string> Say { get; init; }

    public required TimeProvider Time { get; init; }
}
