using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using Sessions.Gateway.Webhooks;
using Sessions.Host.Configuration;
using Sessions.Host.Database;
using Sessions.Host.Demo;
using Sessions.Host.Roles;
using Sessions.Host.Tls;

namespace Sessions.Host.Supervision;

/// <summary>Starts everything that <c>./run</c> promises, looks after it, and stops it in order.</summary>
internal sealed class Supervisor : IDisposable
{
    private const string PrivateTargets = $"{WebhookOptions.Section}:{nameof(WebhookOptions.AllowPrivateTargets)}";

    private readonly Invocation.Supervise _asked;
    private readonly TimeProvider _time;
    private readonly ConfigurationManager _configuration;
    private readonly HttpSettings _http;
    private readonly ClusterSettings _cluster;
    private readonly TlsSettings? _tls;
    private readonly PatientStart _patient;
    private readonly int _port;
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _gate = new();
    private readonly ReservedPorts _ports = new();

    private DataDirectory? _data;
    private Secrets? _secrets;
    private PrivatePostgres? _private;
    private string _postgres = "";
    private string _reader = "";
    private string _token = "";
    private DemoAccess? _demo;
    private DemoTraffic? _traffic;
    private Task _playing = Task.CompletedTask;
    private Task _watching = Task.CompletedTask;
    private IRunning? _running;

    private Supervisor(Invocation.Supervise asked, TimeProvider time)
    {
        ConfigurationManager configuration = new();
        configuration.AddRole(RoleConfiguration.All);
        _asked = asked;
        _time = time;
        _configuration = configuration;
        _http = configuration.Read<HttpSettings>(HttpSettings.Section);
        _cluster = configuration.Read<ClusterSettings>(ClusterSettings.Section);
        _tls = TlsSettings.Read(configuration);
        _patient = new PatientStart(configuration.Read<PostgresStartSettings>(PostgresStartSettings.Section).StartPatience, time);
        _port = asked.Port ?? _http.Port;
    }

    /// <summary>Runs until a signal; returns the exit code.</summary>
    /// <exception cref="ConfigurationException">The configuration can't be used.</exception>
    /// <exception cref="InvalidOperationException">Something did not start, or ended by itself.</exception>
    public static async Task<int> Run(Invocation.Supervise asked, TimeProvider time)
    {
        using Supervisor supervisor = new(asked, time);
        using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, supervisor.OnSignal);
        using PosixSignalRegistration terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, supervisor.OnSignal);
        using PosixSignalRegistration hangUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, supervisor.OnSignal);
        try
        {
            await supervisor.Start();
            await supervisor.WaitForTheEnd();
        }
        catch (OperationCanceledException) when (supervisor._stop.IsCancellationRequested)
        {
            // Told to stop while starting.
        }
        finally
        {
            await supervisor.Stop();
        }

        return ExitCodes.Stopped;
    }

    public void Dispose()
    {
        _data?.Dispose();
        _ports.Dispose();
        _traffic?.Dispose();
        _stop.Dispose();
    }

    private async Task Start()
    {
        CancellationToken cancel = _stop.Token;
        _data = DataDirectory.Take(_asked.Data);
        if (_asked.ReadyFile is { } stale)
        {
            File.Delete(stale);
        }

        CheckPorts();
        _secrets = Secrets.LoadOrCreate(_data.Location);
        // Silos and gateways hang up on those of another cluster. Without a name of its own this one would take in
        // whoever comes to a port that used to be somebody else's, and with them events that belong in another Postgres.
        _cluster.ClusterId = $"{_cluster.ClusterId}-{Mark(_secrets.ProjectToken)}";
        _postgres = await StartPostgres(_data, _secrets, cancel);
        (_reader, _token) = await Patiently(() => Bootstrap.PrepareDatabase(
            _postgres, _secrets.ProjectToken, _secrets.ApiKey, _secrets.ReaderPassword, cancel));
        if (_private is { } server)
        {
            await _patient.Do(server.AdminConnectionString, () => Bootstrap.RestrictFunctions(server.AdminConnectionString, cancel), cancel);
        }

        if (_asked.Demo)
        {
            await PrepareDemo(_data, cancel);
        }

        if (await Patiently(() => DeadSilos.BuryAll(_postgres, _cluster.ClusterId, cancel)) is > 0 and int buried)
        {
            Say($"{buried} silo(s) of an earlier run had not signed off");
        }

        _running = await StartRoles(_data, cancel);
        if (_private is not null)
        {
            _watching = new PostgresWatch(_private, Say, WriteReadyFile, _time).Run(cancel);
        }

        WriteReadyFile();
        Console.WriteLine(Announcement.Compose(Ready(), _demo));
        if (_demo is { } demo)
        {
            _traffic = new DemoTraffic(Ready().Gateways[0], demo.Token, demo.ApiKey, _time);
            _playing = _traffic.Run(Say, cancel);
        }
    }

    private async Task PrepareDemo(DataDirectory data, CancellationToken cancel)
    {
        _secrets = _secrets!.WithDemo(data.Location);
        (string reader, string token) = await Patiently(() => Bootstrap.AddProject(
            _postgres, DemoTraffic.Project, _secrets.DemoToken!, _secrets.DemoApiKey!, _secrets.DemoReaderPassword!, cancel));
        _demo = new DemoAccess(token, _secrets.DemoApiKey!, reader);
    }

    private async Task WaitForTheEnd()
    {
        Task told = Task.Delay(Timeout.Infinite, _stop.Token);
        if (await Task.WhenAny(told, _running!.Failed) == _running.Failed)
        {
            throw new InvalidOperationException(await _running.Failed);
        }

        Say("stopping");
    }

    private async Task Stop()
    {
        await _stop.CancelAsync();
        if (_data is not null)
        {
            File.Delete(ReadyFile.In(_data.Location));
        }

        await _playing;
        if (_running is not null)
        {
            await _running.Stop();
        }

        // It may have begun to start a server, which is to be stopped as well.
        await _watching;
        if (_private is not null)
        {
            await _private.Stop();
        }
    }

    private async Task<string> StartPostgres(DataDirectory data, Secrets secrets, CancellationToken cancel)
    {
        if (_asked.Postgres is not null || _configuration[RoleConfiguration.Postgres] is not null)
        {
            return _asked.Postgres ?? _configuration.RequirePostgres();
        }

        // Known before it runs: whoever is stopped during its start stops it too.
        _private = await PrivatePostgres.Open(
            new PrivatePostgresOptions { Directory = data.Postgres, AdminPassword = secrets.AdminPassword }, cancel);
        await _private.EnsureRunning(cancel);
        if (_private.Adopted)
        {
            Say("took over the Postgres of an earlier run");
        }

        string admin = _private.AdminConnectionString;
        return await _patient.Do(admin, () => Bootstrap.PrepareServer(admin, secrets.OwnerPassword, cancel), cancel);
    }

    private Task<T> Patiently<T>(Func<Task<T>> step) => _patient.Do(_postgres, step, _stop.Token);

    private async Task<IRunning> StartRoles(DataDirectory data, CancellationToken cancel)
    {
        if (_asked.Silos == 0)
        {
            SiloSettings silo = _configuration.Read<SiloSettings>(SiloSettings.Section);
            int siloPort = _ports.From(silo.Port);
            int clientPort = _ports.From(silo.ClientPort);
            return await OneProcess.Start(
                new Dictionary<string, string?>
                {
                    [PrivateTargets] = AllowsPrivateTargets(),
                    [RoleConfiguration.Postgres] = _postgres,
                    ["Cluster:ClusterId"] = _cluster.ClusterId,
                    ["Http:Port"] = _port.ToString(CultureInfo.InvariantCulture),
                    ["Silo:Port"] = siloPort.ToString(CultureInfo.InvariantCulture),
                    ["Silo:ClientPort"] = clientPort.ToString(CultureInfo.InvariantCulture),
                },
                $"http://{PrintableAddress()}:{_port}",
                Say,
                _time,
                cancel);
        }

        return await ManyProcesses.Start(
            new ClusterPlan
            {
                Silos = _asked.Silos,
                Gateways = _asked.Gateways,
                FirstHttpPort = _port,
                Postgres = _postgres,
                ClusterId = _cluster.ClusterId,
                Settings = new Dictionary<string, string> { [PrivateTargets] = AllowsPrivateTargets() },
                LogDirectory = data.Logs,
                Say = Say,
                Time = _time,
            },
            WriteReadyFile,
            cancel);
    }

    /// <summary>
    /// Whether webhooks may lead to this machine. So they may where nobody else can reach the gateway: who has its keys
    /// is at this machine already.
    /// </summary>
    private string AllowsPrivateTargets() =>
        _configuration[PrivateTargets] ?? (IPAddress.IsLoopback(IPAddress.Parse(_http.Address)) ? "true" : "false");

    /// <summary>What tells one data directory from another.</summary>
    private static string Mark(string token) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(token)))[..8];

    private void CheckPorts()
    {
        foreach (int port in HttpPorts())
        {
            if (!FreePorts.IsFree(IPAddress.Parse(_http.Address), port))
            {
                throw new InvalidOperationException($"port {port} of {_http.Address} is in use; choose another with --port");
            }
        }
    }

    private IEnumerable<int> HttpPorts() => Enumerable.Range(_port, Math.Max(1, _asked.Gateways));

    private ReadyFile Ready() => new()
    {
        Gateways = [.. HttpPorts().Select(port => $"http://{PrintableAddress()}:{port}")],
        ProjectToken = _token,
        ApiKey = _secrets!.ApiKey,
        Postgres = _postgres,
        PostgresReader = _reader,
        Processes =
        [
            .. _running!.Processes,
            .. _private is null ? [] : new ProcessEntry[] { new("postgres", _private.ProcessId, "postgres") },
        ],
        Metrics = _running.Metrics,
        Cluster = new ClusterEntry(
            _cluster.ClusterId,
            _cluster.ServiceId,
            SiloRole.Invariant,
            SiloRole.OrleansConnectionString(_postgres, _cluster, "backend"),
            Bootstrap.DefaultProject,
            _tls is null ? null : new TlsEntry(Path.GetFullPath(_tls.Certificate!), Path.GetFullPath(_tls.Key!), Path.GetFullPath(_tls.Authority!))),
    };

    private string PrintableAddress()
    {
        // "Any address" is one to listen on, not one to go to.
        IPAddress address = IPAddress.Parse(_http.Address);
        address = address.Equals(IPAddress.Any) ? IPAddress.Loopback : address.Equals(IPAddress.IPv6Any) ? IPAddress.IPv6Loopback : address;
        return address.AddressFamily == AddressFamily.InterNetworkV6 ? $"[{address}]" : address.ToString();
    }

    private void WriteReadyFile()
    {
        lock (_gate)
        {
            // A child may come back before its fellows are all there.
            if (_running is null)
            {
                return;
            }

            Ready().Write(ReadyFile.In(_data!.Location));
            if (_asked.ReadyFile is { } file)
            {
                Ready().Write(file);
            }
        }
    }

    private void OnSignal(PosixSignalContext signal)
    {
        // Any number of signals is one: stopping takes a bounded time, and cut short it would leave Postgres behind.
        signal.Cancel = true;
        _stop.Cancel();
    }

    private void Say(string line) =>
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{_time.GetUtcNow():HH:mm:ss} {line}"));
}
