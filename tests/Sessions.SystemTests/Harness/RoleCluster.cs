using System.Collections.Concurrent;
using System.Net;
using System.Text.Json.Nodes;
using Npgsql;

namespace Sessions.SystemTests.Harness;

/// <summary>
/// A cluster of processes that nobody looks after but the test: what containers are, without containers. Each silo and
/// gateway keeps its ports from one life to the next.
/// </summary>
public sealed class RoleCluster : IAsyncDisposable
{
    private static readonly TimeSpan Recovery = TimeSpan.FromMinutes(2);

    private readonly Dictionary<string, string> _settings;
    private readonly string _name;
    private readonly Dictionary<string, (string Role, Dictionary<string, string> Settings)> _members = [];
    private readonly ConcurrentDictionary<string, RoleProcess> _processes = new();
    private readonly string _reader;
    private readonly string _owner;
    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(10) };

    /// <param name="name">Names it in logs.</param>
    /// <param name="postgres">The way to its database, for its processes; as the database's owner.</param>
    /// <param name="settings">Environment variables of every process.</param>
    public RoleCluster(string name, string postgres, IReadOnlyDictionary<string, string>? settings = null)
    {
        _name = name;
        _owner = postgres;
        _reader = new NpgsqlConnectionStringBuilder(postgres) { Username = "sessions_reader_default", Password = ReaderPassword }.ConnectionString;
        _settings = new(settings ?? new Dictionary<string, string>())
        {
            ["ConnectionStrings__Postgres"] = postgres,
            ["Cluster__ClusterId"] = $"{name}-{Guid.NewGuid():N}",
        };
    }

    public static string Token => "phc_of_the_tests_own_cluster";

    public static string ApiKey => "sk_of_the_tests_own_cluster";

    /// <summary>The operator's key.</summary>
    public static string OperatorKey => "op_of_the_tests_own_cluster";

    public static string ReaderPassword => "of the tests' own reader";

    /// <summary>SQL as the default project's reader.</summary>
    public NpgsqlDataSource Reader => field ??= NpgsqlDataSource.Create(_reader);

    /// <summary>SQL as the owner of everything.</summary>
    public NpgsqlDataSource Owner => field ??= NpgsqlDataSource.Create(_owner);

    /// <summary>The last that each of them said: the cause may lie with another than the one that suffers.</summary>
    private string Told => string.Join(Environment.NewLine, _processes.Values.Select(process => $"--- {process.Name}{Environment.NewLine}{process.Output}"));

    public IReadOnlyCollection<RoleProcess> Processes => [.. _processes.Values];

    public IEnumerable<string> Silos => _members.Where(member => member.Value.Role == "silo").Select(member => member.Key);

    public IEnumerable<string> Gateways => _members.Where(member => member.Value.Role == "gateway").Select(member => member.Key);

    public RoleProcess this[string member] => _processes[member];

    /// <summary>Brings the schema up to date, and makes the default project.</summary>
    public async Task Migrate(string? program = null)
    {
        using RoleProcess migrate = RoleProcess.Start(
            ["migrate"],
            $"{_name}-migrate",
            new Dictionary<string, string>(_settings)
            {
                ["Project__Token"] = Token,
                ["Project__ApiKey"] = ApiKey,
                ["Project__OperatorKey"] = OperatorKey,
                ["Project__ReaderPassword"] = ReaderPassword,
            },
            program);
        int exitCode = await migrate.Ends(Recovery);
        Assert.True(exitCode == 0, $"migrate ended with {exitCode}.{Environment.NewLine}{migrate.Output}");
    }

    /// <summary>Starts a silo or a gateway on ports of its own, without waiting for it.</summary>
    /// <param name="member">Its name, which begins with its role.</param>
    /// <param name="program">The program's dll; by default this repository's.</param>
    /// <param name="settings">Environment variables of its own.</param>
    /// <param name="before">What its command line begins with.</param>
    public RoleProcess Begin(
        string member, string? program = null, IReadOnlyDictionary<string, string>? settings = null, string[]? before = null)
    {
        if (!_members.TryGetValue(member, out (string Role, Dictionary<string, string> Settings) known))
        {
            string role = member.Split('-')[0];
            int ports = Ports.Free(3);
            known = (role, new()
            {
                ["Silo__Name"] = member,
                ["Telemetry__Port"] = $"{ports}",
                [role == "silo" ? "Silo__Port" : "Http__Port"] = $"{ports + 1}",
                ["Silo__ClientPort"] = $"{ports + 2}",
            });
            _members.Add(member, known);
        }

        Dictionary<string, string> all = new(_settings);
        foreach ((string variable, string value) in known.Settings.Concat(settings ?? new Dictionary<string, string>()))
        {
            all[variable] = value;
        }

        bool isAgain = _processes.TryGetValue(member, out RoleProcess? earlier);
        earlier?.Dispose();
        return _processes[member] = RoleProcess.Start([known.Role], $"{_name}-{member}{(isAgain ? "-again" : "")}", all, program, before);
    }

    /// <summary>Starts them and waits until they are ready.</summary>
    public async Task Start(IEnumerable<string> members, string? program = null)
    {
        string[] all = [.. members];
        foreach (string member in all)
        {
            Begin(member, program);
        }

        foreach (string member in all)
        {
            await IsReady(member);
        }
    }

    /// <summary>Waits until a member says of itself that it can take calls.</summary>
    public async Task IsReady(string member)
    {
        HttpStatusCode? last = null;
        await Wait.For(
            async () => _processes[member].HasExited
                ? throw new Xunit.Sdk.XunitException($"{member} ended.{Environment.NewLine}{_processes[member].Output}")
                : (last = await Health(member, "ready")) == HttpStatusCode.OK,
            () => $"{member} is not ready and answers {last?.ToString() ?? "nothing"}.{Environment.NewLine}{Told}",
            Recovery);
    }

    /// <summary>What a member says about being ready.</summary>
    public Task<string> Ready(string member) => _http.GetStringAsync(HealthOf(member, "ready"));

    /// <summary>What a member answers about its health; null when it answers nothing.</summary>
    /// <param name="member">A silo or gateway.</param>
    /// <param name="of"><c>live</c> or <c>ready</c>.</param>
    public async Task<HttpStatusCode?> Health(string member, string of)
    {
        try
        {
            using HttpResponseMessage answer = await _http.GetAsync(HealthOf(member, of));
            return answer.StatusCode;
        }
        catch (Exception silent) when (silent is HttpRequestException or OperationCanceledException)
        {
            return null;
        }
    }

    /// <summary>The same, asked again while a busy machine lets no answer come in time.</summary>
    public async Task<HttpStatusCode> Answer(string member, string of)
    {
        HttpStatusCode? answer = null;
        await Wait.For(
            async () => (answer = await Health(member, of)) is not null,
            () => $"{member} answers nothing about its health.{Environment.NewLine}{_processes[member].Output}",
            Recovery);
        return answer!.Value;
    }

    /// <summary>A member's metrics, in Prometheus' form.</summary>
    public Task<string> Metrics(string member) =>
        _http.GetStringAsync(new Uri($"http://127.0.0.1:{_members[member].Settings["Telemetry__Port"]}/metrics"));

    /// <summary>A gateway, with the project's token and key.</summary>
    public Gateway Gateway(string member) => new(new Uri($"http://127.0.0.1:{_members[member].Settings["Http__Port"]}"), Token, ApiKey);

    /// <summary>Writes what a backend needs, as <c>./run --ready-file</c> does.</summary>
    public void WriteAccess(string file) => File.WriteAllText(file, new JsonObject
    {
        ["cluster"] = new JsonObject
        {
            ["cluster_id"] = _settings["Cluster__ClusterId"],
            ["service_id"] = "sessions",
            ["invariant"] = "Npgsql",
            ["connection_string"] = new NpgsqlConnectionStringBuilder(_owner) { SearchPath = "orleans" }.ConnectionString,
            ["project"] = "default",
        },
    }.ToJsonString());

    /// <summary>The port of a silo for other silos.</summary>
    public int SiloPort(string silo) => int.Parse(_members[silo].Settings["Silo__Port"], System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>The port of a silo for gateways and backends.</summary>
    public int ClientPort(string silo) => int.Parse(_members[silo].Settings["Silo__ClientPort"], System.Globalization.CultureInfo.InvariantCulture);

    private Uri HealthOf(string member, string of)
    {
        (string role, Dictionary<string, string> settings) = _members[member];
        return new Uri($"http://127.0.0.1:{settings[role == "silo" ? "Telemetry__Port" : "Http__Port"]}/health/{of}");
    }

    public async ValueTask DisposeAsync()
    {
        foreach (RoleProcess process in _processes.Values)
        {
            process.Dispose();
        }

        _http.Dispose();
        await Reader.DisposeAsync();
        await Owner.DisposeAsync();
    }
}
