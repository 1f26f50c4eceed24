using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Npgsql;
using Sessions.Capture.Disk;
using Sessions.Database.Connections;
using Sessions.Host;
using Sessions.Host.Configuration;
using Sessions.Host.Database;
using Sessions.Host.Roles;
using Sessions.Host.Tls;
using Sessions.Queries.SignIns;
using Sessions.Run.Demo;
using Sessions.Run.Postgres;
using Sessions.Web.Webhooks;

namespace Sessions.Run.Supervision;

/// <summary>Starts everything that <c>./run</c> runs, supervises it, and stops it in order.</summary>
internal sealed class Supervisor : IDisposable
{
    private const string PrivateTargets = $"{WebhookOptions.Section}:{nameof(WebhookOptions.AllowPrivateTargets)}";
    private const string DiskPath = $"{DiskOptions.Section}:{nameof(DiskOptions.Path)}";

    private static readonly TimeSpan TicketLifetime = TimeSpan.FromMinutes(10);

    private readonly SuperviseInvocation _asked;
    private readonly TimeProvider _time;
    private readonly ConfigurationManager _configuration;
    private readonly HttpSettings _http;
    private readonly ClusterSettings _cluster;
    private readonly TlsSettings? _tls;
    private readonly PatientStart _patient;
    private readonly ConnectionNeeds _needs;
    private readonly int _port;
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _gate = new();
    private readonly ReservedPorts _ports = new();
    private readonly EarlyLines _early = new();

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
    private ColumnsChild? _columns;
    private IRunning? _running;

    private Supervisor(SuperviseInvocation asked, TimeProvider time)
    {
        ConfigurationManager configuration = new();
        // What the gateways read, because their address decides what is printed and what webhooks may call.
        configuration.AddRole(asked.Silos == 0 ? RoleConfiguration.All : CommandLine.Gateway);
        _asked = asked;
        _time = time;
        _configuration = configuration;
        _http = configuration.Read<HttpSettings>(HttpSettings.Section);
        _cluster = configuration.Read<ClusterSettings>(ClusterSettings.Section);
        _tls = TlsSettings.Read(configuration);
        _patient = new PatientStart(configuration.Read<PostgresStartSettings>(PostgresStartSettings.Section).StartPatience, time);
        _port = asked.Port ?? _http.Port;
        _needs = ClusterPlan.Needs(asked.Silos, asked.Gateways);
    }

    /// <summary>Runs until a signal; returns the exit code.</summary>
    /// <exception cref="ConfigurationException">The configuration can't be used.</exception>
    /// <exception cref="InvalidOperationException">A process did not start, or ended by itself.</exception>
    public static async Task<int> Run(SuperviseInvocation asked, TimeProvider time)
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
            // The program was stopped during its start.
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
        _columns?.Dispose();
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
        // Silos and gateways refuse connections of another cluster. Without a cluster id of its own, this one would
        // accept processes that connect to a port of an earlier cluster, and with them events that belong in another
        // Postgres. The id is secret, because everybody on this machine can reach the ports.
        _cluster.ClusterId = $"{_cluster.Id}-{_secrets.ClusterSecret}";
        _cluster.Secret = null;
        _postgres = await StartPostgres(_data, _secrets, cancel);
        (_reader, _token) = await Patiently(() => Bootstrap.PrepareDatabase(
            _postgres, _secrets.ProjectToken, _secrets.ApiKey, _secrets.ReaderPassword, _secrets.OperatorKey, cancel));
        if (_needs.Fault(await Patiently(() => Bootstrap.AllowedConnections(_postgres, cancel))) is { } fault)
        {
            Say(_private is { Adopted: true } ? $"{fault}. The next start of the private Postgres does it" : fault);
        }

        if (_private is { } server)
        {
            await _patient.Do(server.AdminConnectionString, () => Bootstrap.RestrictFunctions(server.AdminConnectionString, cancel), cancel);
        }

        if (_asked.Demo)
        {
            await PrepareDemo(_data, cancel);
        }

        if (await Patiently(() => DeadSilos.MarkAllDead(_postgres, _cluster.ClusterId, cancel)) is > 0 and int marked)
        {
            Say($"{marked} silo(s) of an earlier run had not signed off; they are now marked as dead");
        }

        IReadOnlyDictionary<string, string> settings = await StartColumns(_data, cancel);
        _running = await StartRoles(_data, DemoPlaces.Add(_asked.Demo, settings, _configuration, _data.Location), cancel);
        if (_private is not null)
        {
            _watching = new PostgresWatch(_private, Say, WriteReadyFile, _time).Run(cancel);
        }

        WriteReadyFile();
        Console.WriteLine(await Announce(_data, cancel));
        _early.Release(Console.WriteLine);
        if (_demo is { } demo)
        {
            _traffic = new DemoTraffic(Ready().Gateways[0], demo.Token, demo.ApiKey, _time);
            _playing = _traffic.Run(Say, cancel);
        }
    }

    /// <summary>The text that says how to use the cluster. Output is often kept in a log, so secrets can be left out.</summary>
    private async Task<string> Announce(DataDirectory data, CancellationToken cancel)
    {
        ReadyFile ready = Ready();
        string passwords = PasswordFile.Write(data.Location, [ready.PostgresReader, .. _demo is { } demo ? [demo.Reader] : Array.Empty<string>()]);
        return Announcement.Compose(
            ready,
            await MakeTicket(project: null, cancel),
            _demo is null ? null : _demo with { Ticket = await MakeTicket(DemoTraffic.Project, cancel) },
            data.Logs,
            _asked.HideSecrets ? new SecretFiles(Secrets.FileIn(data.Location), passwords) : null);
    }

    /// <summary>The link that is printed signs in once: an API key in it would stay in histories and logs.</summary>
    private Task<string> MakeTicket(string? project, CancellationToken cancel) => Patiently(async () =>
    {
        await using NpgsqlDataSource database = PostgresAddress.CreateUnpooled(_postgres);
        return await new SignInTickets(database).Make(project, TicketLifetime, cancel);
    });

    private async Task PrepareDemo(DataDirectory data, CancellationToken cancel)
    {
        _secrets = _secrets!.WithDemo(data.Location);
        (string reader, string token) = await Patiently(() => Bootstrap.AddProject(
            _postgres, DemoTraffic.Project, _secrets.DemoToken!, _secrets.DemoApiKey!, _secrets.DemoReaderPassword!, cancel));
        _demo = new DemoAccess(token, _secrets.DemoApiKey!, reader, Ticket: "");
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
        _early.Release(Console.WriteLine);
        if (_data is not null)
        {
            File.Delete(ReadyFile.In(_data.Location));
        }

        await _playing;
        if (_running is not null)
        {
            await _running.Stop();
        }

        if (_columns is not null)
        {
            await _columns.Stop();
        }

        // It may have begun to start a server, which must be stopped as well.
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
            return _asked.Postgres is { } asked ? PostgresAddress.Complete(asked) : _configuration.RequirePostgres();
        }

        // Set before the server starts, so that a stop during the start stops the server too.
        _private = await PrivatePostgres.Open(
            new PrivatePostgresOptions { Directory = data.Postgres, AdminPassword = secrets.AdminPassword, Needs = _needs }, cancel);
        await _private.EnsureRunning(cancel);
        if (_private.Adopted)
        {
            Say("using the Postgres of an earlier run, which is still running");
        }

        string admin = _private.AdminConnectionString;
        return await _patient.Do(admin, () => Bootstrap.PrepareServer(admin, secrets.OwnerPassword, cancel), cancel);
    }

    private Task<T> Patiently<T>(Func<Task<T>> step) => _patient.Do(_postgres, step, _stop.Token);

    /// <summary>Starts the process with the columns, if it is enabled. Returns the settings by which gateways find it.</summary>
    private async Task<IReadOnlyDictionary<string, string>> StartColumns(DataDirectory data, CancellationToken cancel)
    {
        _columns = ColumnsChild.Make(data, _postgres, _cluster.ClusterId, _ports, WriteReadyFile, Say, _time);
        if (_columns is null)
        {
            return new Dictionary<string, string>();
        }

        await _columns.Start(cancel);
        return _columns.GatewaySettings;
    }

    private async Task<IRunning> StartRoles(DataDirectory data, IReadOnlyDictionary<string, string> settings, CancellationToken cancel)
    {
        if (_asked.Silos == 0)
        {
            SiloSettings silo = _configuration.Read<SiloSettings>(SiloSettings.Section);
            int siloPort = _ports.From(silo.Port);
            int clientPort = _ports.From(silo.ClientPort);
            return await OneProcess.Start(
                new Dictionary<string, string?>(settings.Select(setting => KeyValuePair.Create(setting.Key, (string?)setting.Value)))
                {
                    [PrivateTargets] = AllowsPrivateTargets(),
                    [DiskPath] = DiskOfPostgres(),
                    [RoleConfiguration.Postgres] = _postgres,
                    ["Cluster:ClusterId"] = _cluster.ClusterId,
                    ["Cluster:Secret"] = "",
                    ["Http:Port"] = _port.ToString(CultureInfo.InvariantCulture),
                    ["Silo:Port"] = siloPort.ToString(CultureInfo.InvariantCulture),
                    ["Silo:ClientPort"] = clientPort.ToString(CultureInfo.InvariantCulture),
                },
                data.Logs,
                _early,
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
                Settings = new Dictionary<string, string>(settings) { [PrivateTargets] = AllowsPrivateTargets(), [DiskPath] = DiskOfPostgres() },
                LogDirectory = data.Logs,
                Say = Say,
                Time = _time,
            },
            WriteReadyFile,
            cancel);
    }

    /// <summary>
    /// Whether webhooks may call this machine. They may if only this machine can reach the gateway, because its key
    /// holders are at this machine already.
    /// </summary>
    private string AllowsPrivateTargets() =>
        _configuration[PrivateTargets] ?? (OnlyThisMachine.Reaches(_configuration) ? "true" : "false");

    /// <summary>Where gateways measure the disk: the private Postgres' directory. Empty when Postgres may be elsewhere.</summary>
    private string DiskOfPostgres() => _configuration[DiskPath] ?? _private?.Location ?? "";

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
        OperatorKey = _secrets.OperatorKey!,
        Postgres = _postgres,
        PostgresReader = _reader,
        Processes =
        [
            .. _running!.Processes,
            .. _columns is null ? [] : new[] { _columns.Entry },
            .. _private is null ? [] : new ProcessEntry[] { new("postgres", _private.ProcessId, "postgres") },
        ],
        Metrics = [.. _running.Metrics, .. _columns is null ? [] : new[] { _columns.Metrics }],
        Cluster = new ClusterEntry(
            _cluster.ClusterId,
            _cluster.ServiceId,
            SiloRole.Invariant,
            SiloRole.OrleansConnectionString(_postgres, _cluster, "backend"),
            ProjectId.Default,
            _tls is null ? null : new TlsEntry(Path.GetFullPath(_tls.Certificate!), Path.GetFullPath(_tls.Key!), Path.GetFullPath(_tls.Authority!))),
    };

    private string PrintableAddress()
    {
        // "Any address" is for listening, not for connecting.
        IPAddress address = IPAddress.Parse(_http.Address);
        address = address.Equals(IPAddress.Any) ? IPAddress.Loopback : address.Equals(IPAddress.IPv6Any) ? IPAddress.IPv6Loopback : address;
        return address.AddressFamily == AddressFamily.InterNetworkV6 ? $"[{address}]" : address.ToString();
    }

    private void WriteReadyFile()
    {
        lock (_gate)
        {
            // A child may become ready before all others are.
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
        // Further signals change nothing: a stop takes a bounded time, and interrupting it would leave Postgres
        // running.
        signal.Cancel = true;
        _stop.Cancel();
    }

    private void Say(string line) =>
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{_time.GetUtcNow():HH:mm:ss} {line}"));
}
