using System.Globalization;
using Sessions.Database;
using Sessions.Host;
using Sessions.Host.Configuration;
using Sessions.Host.Database;
using Sessions.Host.Telemetry;
using Sessions.Run.Postgres;

namespace Sessions.Run.Supervision;

/// <summary>A cluster on this machine: a process for each silo and gateway. Each is restarted when it dies.</summary>
internal sealed class ManyProcesses : IRunning, IDisposable
{
    private const int FirstSiloPort = 11_111;
    private const int FirstClientPort = 30_000;
    private const int FirstTelemetryPort = 9_464;
    private const string SiloPort = "Silo__Port";
    private const string TelemetryPort = "Telemetry__Port";

    // Longer than the timeouts of the processes themselves.
    private static readonly TimeSpan GatewayPatience = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan SiloPatience = TimeSpan.FromSeconds(30);

    // With Postgres a silo stops within a second or two. Without it, a silo must not delay the others.
    private static readonly TimeSpan HeadStart = TimeSpan.FromSeconds(5);

    private readonly IReadOnlyList<SupervisedChild> _children;
    private readonly ReservedPorts _ports;
    private readonly ClusterPlan _plan;

    private ManyProcesses(IReadOnlyList<SupervisedChild> children, ReservedPorts ports, ClusterPlan plan)
    {
        _children = children;
        _ports = ports;
        _plan = plan;
    }

    public IReadOnlyList<MetricsEntry> Metrics =>
        [.. _children.Select(child => new MetricsEntry(child.Entry.Name, $"http://127.0.0.1:{child.Settings[TelemetryPort]}{TelemetrySetup.MetricsPath}"))];

    public IReadOnlyList<ProcessEntry> Processes => [.. _children.Select(child => child.Entry)];

    // Never completes: the processes are restarted however often they die.
    public Task<string> Failed { get; } = new TaskCompletionSource<string>().Task;

    /// <summary>Starts all processes and waits until they are ready.</summary>
    /// <param name="plan">The processes to start.</param>
    /// <param name="changed">Called when a child is ready again.</param>
    /// <param name="cancel">Cancels the start.</param>
    public static async Task<ManyProcesses> Start(ClusterPlan plan, Action changed, CancellationToken cancel)
    {
        ReservedPorts ports = new();
        List<SupervisedChild> children = [];
        foreach (ChildSpec spec in Specs(plan, ports))
        {
            children.Add(new SupervisedChild(spec, plan.LogDirectory, plan.Say, plan.Time)
            {
                // A dead silo is marked in the membership table at once: the supervisor knows for certain, the other
                // silos would need time to detect it.
                Died = spec.Role == CommandLine.Silo ? () => MarkDead(spec, plan) : null,
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
    /// Stops the gateways first, because they need the silos to finish their current requests. Then it stops one silo
    /// after the other: each hands over to those that still run, which fails if all stop at once. Without Postgres no
    /// silo can sign off.
    /// </summary>
    public async Task Stop()
    {
        using CancellationTokenSource over = new();
        StopPatience patience = StopPatience.WithProbe(_plan.Postgres, _plan.Say, _plan.Time, over.Token);
        await Task.WhenAll(
            _children.Where(child => child.Role == CommandLine.Gateway).Select(child => child.Stop(GatewayPatience, patience)));
        List<Task> silos = [];
        foreach (SupervisedChild silo in _children.Where(child => child.Role == CommandLine.Silo))
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
        foreach (SupervisedChild child in _children)
        {
            child.Dispose();
        }

        _ports.Dispose();
    }

    private static IEnumerable<ChildSpec> Specs(ClusterPlan plan, ReservedPorts ports)
    {
        for (int n = 1; n <= plan.Silos; n++)
        {
            // A silo keeps its ports over restarts: a new silo at an address proves that the old one is dead.
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
            settings["Cluster__Secret"] = "";
            foreach ((string name, string value) in plan.Settings)
            {
                settings[name.Replace(":", "__", StringComparison.Ordinal)] = value;
            }

            settings["Silo__Name"] = $"{role}-{n}";
            settings[TelemetryPort] = Text(ports.From(FirstTelemetryPort));
            return new ChildSpec(role, $"{role}-{n}", settings);
        }
    }

    private static async Task MarkDead(ChildSpec silo, ClusterPlan plan)
    {
        try
        {
            int port = int.Parse(silo.Settings[SiloPort], CultureInfo.InvariantCulture);
            await DeadSilos.MarkDeadAt(port, plan.Postgres, plan.ClusterId, CancellationToken.None);
        }
        catch (Exception away) when (PostgresAway.Is(away))
        {
            plan.Say($"could not mark the silo as dead in the membership table: {RoleConfiguration.FirstLine(away)}");
        }
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}

/// <summary>Describes a cluster of processes.</summary>
internal sealed record ClusterPlan
{
    public required int Silos { get; init; }

    public required int Gateways { get; init; }

    public required int FirstHttpPort { get; init; }

    public required string Postgres { get; init; }

    public required string ClusterId { get; init; }

    /// <summary>The settings of all processes, by their names in the configuration.</summary>
    public required IReadOnlyDictionary<string, string> Settings { get; init; }

    public required string LogDirectory { get; init; }

    /// <summary>Prints a line for the user.</summary>
    public required Action<string> Say { get; init; }

    public required TimeProvider Time { get; init; }

    /// <summary>
    /// The connections to Postgres that the processes need together. Without silos, one process is silo and gateway.
    /// </summary>
    /// <exception cref="ConfigurationException">A setting is wrong.</exception>
    public static ConnectionNeeds Needs(int silos, int gateways)
    {
        return ConnectionNeeds.Of(silos == 0
            ? [Plan(RoleConfiguration.All), .. Columns()]
            : [.. Enumerable.Repeat(Plan(CommandLine.Silo), silos), .. Enumerable.Repeat(Plan(CommandLine.Gateway), gateways), .. Columns()]);

        static IEnumerable<ConnectionPlan> Columns()
        {
            ConfigurationManager configuration = ColumnsChild.ReadConfiguration();
            return configuration.Read<ColumnsSettings>(ColumnsSettings.Section).Enabled ? [ConnectionPlan.OfColumns(configuration)] : [];
        }

        static ConnectionPlan Plan(string role)
        {
            ConfigurationManager configuration = new();
            configuration.AddRole(role);
            return ConnectionPlan.Of(configuration, role != CommandLine.Gateway, role != CommandLine.Silo);
        }
    }
}
