using System.Net;
using Npgsql;
using Sessions.SystemTests.Audit;
using Sessions.SystemTests.Harness;
using Sessions.SystemTests.Traffic;
using Xunit.Sdk;

namespace Sessions.SystemTests.Faults;

/// <summary>
/// Three silos and two gateways whose clocks, threads and connections to each other are in the tests' hands. A process that ends is
/// started again, as an orchestrator does.
/// </summary>
public sealed class SteeredCluster : IAsyncLifetime
{
    private const int Active = 3;
    private const int Visitors = 24;
    private const int Threads = 400;

    private static readonly string[] Members = ["silo-1", "silo-2", "silo-3", "gateway-1", "gateway-2"];
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan Recovery = TimeSpan.FromMinutes(3);
    private static readonly TimeSpan RowsBehind = TimeSpan.FromSeconds(45);

    // Silos listen at this address, and others come to them through proxies at 127.0.0.1.
    private static readonly IPAddress Behind = IPAddress.Parse("127.0.0.2");

    private readonly TempFolder _folder = new();
    private readonly Dictionary<string, TcpProxy> _toSilos = [];
    private readonly List<TcpProxy> _toClientPorts = [];
    private readonly CancellationTokenSource _over = new();
    private OwnPostgres? _postgres;
    private RoleCluster? _cluster;
    private Task _orchestrator = Task.CompletedTask;

    /// <summary>The silos' names.</summary>
    public static IEnumerable<string> Silos => Members.Where(member => member.StartsWith("silo", StringComparison.Ordinal));

    /// <summary>The processes.</summary>
    public RoleCluster Cluster => _cluster ?? throw new InvalidOperationException("The cluster was not started.");

    /// <summary>How often a process was started again.</summary>
    public int Restarts { get; private set; }

    public async ValueTask InitializeAsync()
    {
        if (!Soak.IsOn)
        {
            return;
        }

        _postgres = await OwnPostgres.Launch();
        _cluster = new RoleCluster("steered", _postgres.ConnectionString(database: "sessions"), new Dictionary<string, string>
        {
            ["Sessions__IdleTimeout"] = FaultCluster.IdleTimeout.ToString("c"),
            ["Memory__LimitMegabytes"] = "512",
            ["Sessions__Clock__Every"] = "00:00:02",
        });
        await _cluster.Migrate();
        foreach (string member in Members)
        {
            await StepClock(member, "+0");
            await QuietProgram.Run("mkfifo", PipeOf(member));
            _cluster.Begin(member, settings: SettingsOf(member));
            if (Silos.Contains(member))
            {
                _toSilos[member] = new TcpProxy(_cluster.SiloPort(member), Behind, _cluster.SiloPort(member));
                _toClientPorts.Add(new TcpProxy(_cluster.ClientPort(member), Behind, _cluster.ClientPort(member)));
            }
        }

        // On a busy machine one is declared dead while it joins.
        _orchestrator = Orchestrate();
        await AreWell();
    }

    public async ValueTask DisposeAsync()
    {
        await _over.CancelAsync();
        await _orchestrator;
        await (_cluster?.DisposeAsync() ?? ValueTask.CompletedTask);
        foreach (TcpProxy proxy in _toSilos.Values.Concat(_toClientPorts))
        {
            await proxy.DisposeAsync();
        }

        await (_postgres?.DisposeAsync() ?? ValueTask.CompletedTask);
        _over.Dispose();
        _folder.Dispose();
    }

    /// <summary>Sets a process' clock that far ahead (<c>+1h</c>) or back (<c>-1h</c>) of the machine's.</summary>
    public Task StepClock(string member, string offset) => File.WriteAllTextAsync(ClockOf(member), offset);

    /// <summary>Leaves a process without threads for its pool's work for that long.</summary>
    public async Task Stall(string member, TimeSpan time)
    {
        await using StreamWriter pipe = new(new FileStream(PipeOf(member), FileMode.Open, FileAccess.Write));
        await pipe.WriteLineAsync($"{Threads} {time.TotalSeconds:0}");
    }

    /// <summary>Swallows what other silos send to this one's port. It reaches them, and gets their answers on its own connections.</summary>
    public void SwallowTowards(string silo) => _toSilos[silo].Hold((_, isToTarget) => isToTarget);

    /// <summary>Swallows what this silo sends to the ports of others. They reach it.</summary>
    public void SwallowFrom(string silo)
    {
        int pid = Cluster[silo].Pid;
        foreach (TcpProxy proxy in _toSilos.Where(other => other.Key != silo).Select(other => other.Value))
        {
            Dictionary<int, bool> known = [];
            proxy.Hold((port, isToTarget) =>
            {
                lock (known)
                {
                    return isToTarget && (known.TryGetValue(port, out bool isIts) ? isIts : known[port] = SocketOwner.Has(pid, port));
                }
            });
        }
    }

    /// <summary>Everything passes again.</summary>
    public void Open()
    {
        foreach (TcpProxy proxy in _toSilos.Values)
        {
            proxy.Open();
        }
    }

    /// <summary>Traffic, something that goes wrong in the middle of it, and the audit of the fault tests.</summary>
    public async Task Play(string name, int seed, Func<Task> strike)
    {
        Soak.OnlyInTheLongForm();
        Gateway[] gateways = [.. Cluster.Gateways.Select(Cluster.Gateway)];
        try
        {
            await AreWell();
            Writers writers = new(gateways, Visitors, Soak.Seed ?? seed, Habits.Any) { Pause = TimeSpan.FromMilliseconds(15) };
            await Scenario.Send(writers, strike);
            await Books.AreRight(Cluster.Reader, writers, FaultCluster.IdleTimeout, RowsBehind);
            IReadOnlyList<string> ends = await Ends.Faults(Cluster.Owner, writers, FaultCluster.IdleTimeout);
            Assert.True(ends.Count == 0, string.Join(Environment.NewLine, ends));
            await AreWell();
            Report.Add(name, writers);
        }
        catch (Exception wrong)
        {
            Report.Failed();
            throw new XunitException($"{name}: {wrong.Message}{Environment.NewLine}{Told}", wrong);
        }
        finally
        {
            Open();
            Array.ForEach(gateways, gateway => gateway.Dispose());
        }
    }

    /// <summary>Waits until every process is ready and every silo is in the cluster's table.</summary>
    public Task AreWell() => Wait.ForNothingWrong(
        async () =>
        {
            List<string> wrong = [];
            foreach (string member in Members)
            {
                wrong.AddRange(await Cluster.Health(member, "ready") == HttpStatusCode.OK ? [] : [$"{member} is not ready"]);
            }

            long active = await ActiveSilos();
            return active == Silos.Count() ? wrong : [.. wrong, $"{active} silos are active"];
        },
        "the cluster did not recover:",
        Recovery);

    /// <summary>How many silos are active in the cluster's table.</summary>
    public async Task<long> ActiveSilos()
    {
        await using NpgsqlCommand count = Cluster.Owner.CreateCommand("select count(*) from orleans.orleansmembershiptable where status = $1");
        count.Parameters.AddWithValue(Active);
        return (long)(await count.ExecuteScalarAsync())!;
    }

    private string Told => string.Join(Environment.NewLine, Cluster.Processes.Select(process => $"--- {process.Name}{Environment.NewLine}{process.Output}"));

    private string ClockOf(string member) => Path.Combine(_folder.Path, $"{member}.clock");

    private string PipeOf(string member) => Path.Combine(_folder.Path, $"{member}.pipe");

    private Dictionary<string, string> SettingsOf(string member)
    {
        Dictionary<string, string> settings = FakeTime.IsThere ? new(FakeTime.From(ClockOf(member))) : [];
        settings["DOTNET_STARTUP_HOOKS"] = Path.Combine(Repository.Root, "artifacts", "bin", "Sessions.Samples.StalledPool", "release", "Sessions.Samples.StalledPool.dll");
        settings["SESSIONS_TEST_STALL_PIPE"] = PipeOf(member);
        settings["Silo__ListenAddress"] = $"{Behind}";
        return settings;
    }

    private async Task Orchestrate()
    {
        using PeriodicTimer pace = new(Look);
        try
        {
            while (await pace.WaitForNextTickAsync(_over.Token))
            {
                foreach (string ended in Members.Where(member => Cluster[member].HasExited))
                {
                    Restarts++;
                    Cluster.Begin(ended, settings: SettingsOf(ended));
                }
            }
        }
        catch (OperationCanceledException) when (_over.IsCancellationRequested)
        {
            // That was all.
        }
    }
}
