using System.Diagnostics;
using System.Net;
using Npgsql;
using Sessions.SystemTests.Audit;
using Sessions.SystemTests.Harness;
using Sessions.SystemTests.Traffic;
using Xunit.Sdk;

namespace Sessions.SystemTests.Faults;

/// <summary>The tests that share the cluster, one after another.</summary>
[CollectionDefinition(Lane.Broken)]
public sealed class BrokenInTurn : ICollectionFixture<FaultCluster>;

/// <summary>
/// Three silos and two gateways, as <c>./run</c> starts them, with everything around them in the tests' hands: the
/// Postgres, the way to it, the ways from the gateways to the silos.
/// </summary>
public sealed class FaultCluster : IAsyncLifetime
{
    /// <summary>The shortest there is.</summary>
    public static readonly TimeSpan IdleTimeout = TimeSpan.FromSeconds(60);

    /// <summary>What each process may use: tighter than an operator would have it.</summary>
    public const long MemoryLimit = 512 * Mebibyte;

    private const long Mebibyte = 1024 * 1024;

    // As Orleans writes them in its table.
    private const int Active = 3;
    private const int Dead = 6;

    private static readonly TimeSpan Recovery = TimeSpan.FromMinutes(3);

    // Each wait has a bound of its own; this is for what is no wait.
    private static readonly TimeSpan TestBound = TimeSpan.FromMinutes(Soak.IsOn ? 20 : 10);

    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(15);

    // They look for silos every few seconds; for a busy machine it is more.
    private static readonly TimeSpan GatewaysLook = TimeSpan.FromSeconds(30);

    private readonly List<TcpProxy> _toSilos = [];
    private readonly Queue<(string Scenario, Writers Writers, DateTimeOffset Over)> _past = [];
    private OwnPostgres? _postgres;
    private TcpProxy? _toPostgres;
    private Cluster? _cluster;
    private NpgsqlDataSource? _reader;
    private NpgsqlDataSource? _owner;
    private MemoryWatch? _memory;
    private string? _broken;

    public Cluster Cluster => _cluster ?? throw NotStarted();

    public OwnPostgres Postgres => _postgres ?? throw NotStarted();

    /// <summary>All that silos and gateways have to do with Postgres goes through here.</summary>
    public TcpProxy ToPostgres => _toPostgres ?? throw NotStarted();

    /// <summary>The views, past the proxy.</summary>
    public NpgsqlDataSource Reader => _reader ?? throw NotStarted();

    /// <summary>The tables, past the proxy.</summary>
    public NpgsqlDataSource Owner => _owner ?? throw NotStarted();

    public MemoryWatch Memory => _memory ?? throw NotStarted();

    public RunningProcess[] Silos => [.. Cluster.Ready.OfRole("silo")];

    public RunningProcess[] Gateways => [.. Cluster.Ready.OfRole("gateway")];

    public async ValueTask InitializeAsync()
    {
        _postgres = await OwnPostgres.Launch();
        _toPostgres = new TcpProxy(_postgres.Port);
        _cluster = await Cluster.Launch(new ClusterPlan
        {
            Name = "faults",
            Silos = 3,
            Gateways = 2,
            IdleTimeout = IdleTimeout,
            Postgres = _postgres.ConnectionString(_toPostgres.Port, "sessions"),
            Settings = new Dictionary<string, string>(HeldTransactionTests.Settings) { ["Memory__LimitMegabytes"] = $"{MemoryLimit / Mebibyte}" },
        });
        // Without pools: a connection kept from before a fault would be broken.
        _reader = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(_cluster.Ready.PostgresReader) { Port = _postgres.Port, CommandTimeout = 120, Pooling = false });
        _owner = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(_postgres.ConnectionString(database: "sessions")) { CommandTimeout = 120, Pooling = false });
        _memory = new MemoryWatch(() => [.. Cluster.Ready.Processes]);
    }

    public async ValueTask DisposeAsync()
    {
        // Whatever fails on the way, no process stays.
        try
        {
            if (_memory is not null)
            {
                await _memory.DisposeAsync();
                await Report.Write(_memory.Most);
            }
        }
        finally
        {
            try
            {
                await (_cluster?.DisposeAsync() ?? ValueTask.CompletedTask);
            }
            finally
            {
                await (_postgres?.DisposeAsync() ?? ValueTask.CompletedTask);
            }
        }

        foreach (TcpProxy proxy in _toSilos)
        {
            await proxy.DisposeAsync();
        }

        await (_toPostgres?.DisposeAsync() ?? ValueTask.CompletedTask);
        await (_reader?.DisposeAsync() ?? ValueTask.CompletedTask);
        await (_owner?.DisposeAsync() ?? ValueTask.CompletedTask);
    }

    /// <summary>
    /// Runs a test on the cluster when all of it is well. A test that fails, or does not end in time, says what was
    /// waited for and what the cluster said last, and everything that it had frozen, cut or limited is let go. Those
    /// that come after a cluster that did not recover fail at once: each would only wait for it again.
    /// </summary>
    /// <param name="name">What goes wrong in it, for people.</param>
    /// <param name="test">The test.</param>
    public async Task Run(string name, Func<Task> test)
    {
        Assert.True(_broken is null, $"The cluster did not recover from an earlier test: {_broken}");
        Task running = RunWell(test);
        try
        {
            await running.WaitAsync(TestBound, TestContext.Current.CancellationToken);
        }
        catch (Exception wrong)
        {
            Report.Failed();
            string waits = running.IsCompleted ? "" : $" It was waiting for: {Wait.Now}";
            string message = $"""
                {name}: {wrong.Message}{waits}
                {Cluster.Output}
                (its processes' logs: {Cluster.KeepLogs()})
                """;
            _broken = await Recovers() ? null : name;
            throw new XunitException(message, wrong);
        }
    }

    /// <summary>The gateways, to be disposed of.</summary>
    public Gateway[] OpenGateways() => [.. Enumerable.Range(0, Gateways.Length).Select(Cluster.Gateway)];

    /// <summary>Waits until every process is there and every silo is known to be.</summary>
    public Task AreWell() => Wait.ForNothingWrong(
        async () =>
        {
            List<string> wrong = [.. Cluster.Ready.Processes.Where(process => !Signals.IsAlive(process.Pid)).Select(process => $"{process.Name} is gone")];
            if (wrong.Count == 0)
            {
                long active = await ActiveSilos();
                wrong.AddRange(active == Silos.Length ? [] : [$"{active} silos are active"]);
                foreach (Gateway gateway in OpenGateways())
                {
                    using (gateway)
                    {
                        wrong.AddRange(await IsReady(gateway) ? [] : [$"{gateway.Address} is not ready"]);
                    }
                }
            }

            return wrong;
        },
        "the cluster did not recover:",
        Recovery);

    /// <summary>Stops everything in order and starts it again.</summary>
    public async Task Restart()
    {
        await Cluster.Stop();
        await Cluster.Start();
        await AreWell();
    }

    /// <summary>Waits until who died or was stopped is at work again.</summary>
    public Task IsBack(params RunningProcess[] gone) => Wait.For(
        () => Task.FromResult(gone.All(lost => Cluster.Ready.Processes.Any(
            process => process.Name == lost.Name && process.Pid != lost.Pid && Signals.IsAlive(process.Pid)))),
        $"{string.Join(", ", gone.Select(process => process.Name))} did not come back",
        Recovery);

    /// <summary>Waits until its fellows have declared the silo dead; false when they do not within the bound.</summary>
    public async Task<bool> IsDeclaredDead(RunningProcess silo, TimeSpan bound)
    {
        var clock = Stopwatch.StartNew();
        using PeriodicTimer pace = new(TimeSpan.FromMilliseconds(100));
        while (await Scalar("select status::bigint from orleans.orleansmembershiptable where siloname = $1 order by generation desc limit 1", silo.Name) != Dead)
        {
            if (clock.Elapsed > bound)
            {
                return false;
            }

            await pace.WaitForNextTickAsync();
        }

        return true;
    }

    /// <summary>How many silos the cluster has declared dead so far; -1 while Postgres is away.</summary>
    public Task<long> DeadSilos() => Scalar("select count(*) from orleans.orleansmembershiptable where status = $1", Dead);

    /// <summary>
    /// Puts a proxy before each silo's port for gateways, and gives the gateways time to come through them: they read
    /// the addresses from the cluster's table.
    /// </summary>
    public async Task<IReadOnlyList<TcpProxy>> ProxySilos()
    {
        List<TcpProxy> proxies = [];
        IReadOnlyList<int> ports = [];
        await WhenBack(async () => ports = await ClientPorts());
        foreach (int port in ports)
        {
            TcpProxy? proxy = _toSilos.FirstOrDefault(made => made.Target == port || made.Port == port);
            if (proxy is null)
            {
                _toSilos.Add(proxy = new TcpProxy(port));
            }

            proxies.Add(proxy);
            await WhenBack(async () =>
            {
                await using NpgsqlCommand update = Owner.CreateCommand(
                    "update orleans.orleansmembershiptable set proxyport = $1 where status = 3 and proxyport = $2");
                update.Parameters.AddWithValue(proxy.Port);
                update.Parameters.AddWithValue(proxy.Target);
                await update.ExecuteNonQueryAsync();
            });
        }

        var clock = Stopwatch.StartNew();
        using PeriodicTimer pace = new(TimeSpan.FromMilliseconds(100));
        while (proxies.Any(proxy => proxy.Connections == 0) && clock.Elapsed < GatewaysLook)
        {
            await pace.WaitForNextTickAsync();
        }

        return proxies;
    }

    /// <summary>
    /// Has gateways come to silos directly again. A silo knows itself by its own port alone: a gateway that starts while all
    /// are behind proxies gets no answer to its first question, which names the port that it came to.
    /// </summary>
    public Task UnproxySilos() => WhenBack(async () =>
    {
        foreach (TcpProxy proxy in _toSilos.ToArray())
        {
            await using NpgsqlCommand update = Owner.CreateCommand(
                "update orleans.orleansmembershiptable set proxyport = $1 where proxyport = $2");
            update.Parameters.AddWithValue(proxy.Target);
            update.Parameters.AddWithValue(proxy.Port);
            await update.ExecuteNonQueryAsync();
        }
    });

    /// <summary>Keeps in mind what the writers did, for the audit of their sessions' ends.</summary>
    public void Remember(string scenario, Writers writers) => _past.Enqueue((scenario, writers, DateTimeOffset.UtcNow));

    /// <summary>Every session that any scenario left behind ends within the bound, and none has ended more than once.</summary>
    public async Task AllHaveEnded(TimeSpan bound)
    {
        while (_past.TryDequeue(out (string Scenario, Writers Writers, DateTimeOffset Over) past))
        {
            try
            {
                TimeSpan left = past.Over + bound - DateTimeOffset.UtcNow;
                await Ends.AllCome(Owner, await Ends.SessionsOf(Owner, past.Writers), left > Grace ? left : Grace);
                await Books.AreRight(Reader, past.Writers, IdleTimeout);
                Assert.Empty(await Ends.Faults(Owner, past.Writers, IdleTimeout));
            }
            catch (Exception wrong) when (wrong is not OperationCanceledException)
            {
                throw new XunitException($"After {past.Scenario}: {wrong.Message}", wrong);
            }
        }
    }

    /// <summary>The same for scenarios that were over that long ago.</summary>
    public async Task OldOnesHaveEnded(TimeSpan bound)
    {
        while (_past.TryPeek(out (string Scenario, Writers Writers, DateTimeOffset Over) oldest) && DateTimeOffset.UtcNow - oldest.Over > bound)
        {
            (string Scenario, Writers Writers, DateTimeOffset Over)[] younger = [.. _past.Skip(1)];
            _past.Clear();
            _past.Enqueue(oldest);
            await AllHaveEnded(bound);
            Array.ForEach(younger, _past.Enqueue);
        }
    }

    private async Task RunWell(Func<Task> test)
    {
        await AreWell();
        await test();
    }

    /// <summary>Lets go whatever a test that failed may have left as it should not be; whether all is well then.</summary>
    private async Task<bool> Recovers()
    {
        try
        {
            ToPostgres.Open();
            _toSilos.ForEach(proxy => proxy.Open());
            Array.ForEach([.. Cluster.Ready.Processes.Select(process => process.Pid)], Signals.GoOn);
            await Postgres.Mend();
            if (Cluster.IsRunning)
            {
                Signals.GoOn(Cluster.Supervisor);
            }
            else
            {
                await Cluster.Start();
            }

            await AreWell();
            return true;
        }
        catch (Exception still) when (still is not OperationCanceledException)
        {
            return false;
        }
    }

    /// <summary>Asks Postgres as soon as it answers: another fault may have it away.</summary>
    private static Task WhenBack(Func<Task> ask) => Wait.For(
        async () =>
        {
            try
            {
                await ask();
                return true;
            }
            catch (Exception away) when (away is NpgsqlException or TimeoutException or IOException)
            {
                return false;
            }
        },
        "Postgres did not answer",
        Recovery);

    private async Task<IReadOnlyList<int>> ClientPorts()
    {
        List<int> ports = [];
        await using NpgsqlCommand select = Owner.CreateCommand("select proxyport from orleans.orleansmembershiptable where status = 3");
        await using NpgsqlDataReader rows = await select.ExecuteReaderAsync();
        while (await rows.ReadAsync())
        {
            ports.Add(rows.GetInt32(0));
        }

        return ports;
    }

    private Task<long> ActiveSilos() => Scalar("select count(*) from orleans.orleansmembershiptable where status = $1", Active);

    private async Task<long> Scalar(string sql, object parameter)
    {
        try
        {
            await using NpgsqlCommand command = Owner.CreateCommand(sql);
            command.Parameters.AddWithValue(parameter);
            return (long)(await command.ExecuteScalarAsync())!;
        }
        catch (NpgsqlException)
        {
            // A scenario has Postgres away.
            return -1;
        }
    }

    private static async Task<bool> IsReady(Gateway gateway)
    {
        try
        {
            using HttpResponseMessage answer = await gateway.Ask(HttpMethod.Get, "/health/ready");
            return answer.StatusCode == HttpStatusCode.OK;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    private static InvalidOperationException NotStarted() => new("The cluster was not started.");
}
