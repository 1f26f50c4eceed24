using System.Globalization;
using System.Text.RegularExpressions;
using Npgsql;
using Sessions.SystemTests.Harness;
using YamlDotNet.Core;
using YamlDotNet.Serialization;

namespace Sessions.SystemTests.Operations;

/// <summary>
/// docker-compose.yml with processes for containers. Each service has an address of its own on loopback, as it has one on
/// Docker's network, so ports, names and variables are the file's.
/// </summary>
internal sealed partial class Compose
{
    private static readonly Dictionary<string, string> MadeUpByTheOperator = new()
    {
        ["POSTGRES_PASSWORD"] = "a password of the operator's",
        ["SESSIONS_PASSWORD"] = "the program's own password",
        ["PROJECT_TOKEN"] = RoleCluster.Token,
        ["API_KEY"] = RoleCluster.ApiKey,
        ["OPERATOR_KEY"] = RoleCluster.OperatorKey,
        ["READER_PASSWORD"] = RoleCluster.ReaderPassword,
        ["COLUMNS_SECRET"] = "a-secret-of-the-operator",
    };

    private readonly Dictionary<object, object> _services;
    private readonly Dictionary<string, string> _addresses;
    private readonly string _volumes;

    /// <param name="volumes">A folder that holds the volumes.</param>
    public Compose(string volumes)
    {
        _volumes = volumes;
        using StreamReader text = new(Path.Combine(Repository.Root, "docker-compose.yml"));
        _services = Map(Map(new DeserializerBuilder().Build().Deserialize<object>(new MergingParser(new Parser(text)))!)["services"]);
        int network = Random.Shared.Next(1, 250);
        _addresses = Ours.Append("postgres").Select((service, at) => (service, at))
            .ToDictionary(one => one.service, one => $"127.{network}.7.{one.at + 2}");
    }

    /// <summary>The services that run the program.</summary>
    public IReadOnlyList<string> Ours => [.. _services.Where(one => Map(one.Value).ContainsKey("build")).Select(one => (string)one.Key)];

    /// <summary>The address that stands for a service's name.</summary>
    public string Address(string service) => _addresses[service];

    /// <summary>The program's arguments.</summary>
    public string[] Command(string service) => [.. List(service, "command").Select(Mounted)];

    /// <summary>A check as the file has it, on the service's own address.</summary>
    public string[] HealthCheck(string service) =>
        [.. ((List<object>)Map(Map(_services[service])["healthcheck"])["test"]).Cast<string>().Skip(1).Select(part => part.Replace("127.0.0.1", Address(service), StringComparison.Ordinal))];

    /// <summary>What it waits for before it begins.</summary>
    public IReadOnlyDictionary<string, string> WaitsFor(string service) =>
        Map(Map(_services[service])["depends_on"]).ToDictionary(one => (string)one.Key, one => (string)Map(one.Value)["condition"]);

    /// <summary>How long it may take to stop.</summary>
    public TimeSpan Grace(string service) =>
        TimeSpan.FromSeconds(int.Parse(((string)Map(_services[service])["stop_grace_period"]).TrimEnd('s'), CultureInfo.InvariantCulture));

    /// <summary>The port that a gateway has for the world, and the one it listens on.</summary>
    public (int Outside, int Inside) Published(string service)
    {
        string[] parts = List(service, "ports").Single().Split(':');
        Assert.Equal("127.0.0.1", parts[0]);
        return (int.Parse(parts[1], CultureInfo.InvariantCulture), int.Parse(parts[2], CultureInfo.InvariantCulture));
    }

    /// <summary>Its variables, with the operator's secrets, and addresses for names.</summary>
    /// <param name="service">The service.</param>
    /// <param name="postgresPort">Where the server is that stands for the service <c>postgres</c>.</param>
    public Dictionary<string, string> Environment(string service, int postgresPort)
    {
        if (!Map(_services[service]).TryGetValue("environment", out object? environment))
        {
            return [];
        }

        Dictionary<string, string> all = Map(environment).ToDictionary(
            one => (string)one.Key,
            one => Variable().Replace((string)one.Value, match => MadeUpByTheOperator[match.Groups["name"].Value]));
        foreach ((string name, string value) in all.ToArray())
        {
            // A name on the network "cluster" ends with it.
            all[name] = value == "0.0.0.0" ? Address(service) : _addresses.GetValueOrDefault(value.Replace(".cluster", "", StringComparison.Ordinal), Mounted(value.Replace("//columns:", $"//{_addresses["columns"]}:", StringComparison.Ordinal)));
        }

        foreach (string name in all.Keys.Where(name => name.StartsWith("ConnectionStrings__", StringComparison.Ordinal)).ToArray())
        {
            NpgsqlConnectionStringBuilder way = new(all[name]);
            Assert.Equal("postgres", way.Host);
            all[name] = new NpgsqlConnectionStringBuilder(way.ConnectionString) { Host = "127.0.0.1", Port = postgresPort }.ConnectionString;
        }

        return all;
    }

    /// <summary>What Prometheus asks.</summary>
    public IEnumerable<Uri> ScrapedByPrometheus()
    {
        string asked = File.ReadAllText(Path.Combine(Repository.Root, "silo-config", "prometheus", "prometheus.yml"));
        return Target().Matches(asked).Select(match => new Uri($"http://{Address(match.Groups["service"].Value)}:{match.Groups["port"].Value}/metrics"));
    }

    /// <summary>A path in a volume, as it is on this machine.</summary>
    private string Mounted(string text) => text.StartsWith('/') ? _volumes + text : text;

    private IEnumerable<string> List(string service, string key) => ((List<object>)Map(_services[service])[key]).Cast<string>();

    private static Dictionary<object, object> Map(object value) => (Dictionary<object, object>)value;

    [GeneratedRegex(@"\$\{(?<name>\w+):\?\}")]
    private static partial Regex Variable();

    [GeneratedRegex("\"(?<service>[a-z0-9-]+):(?<port>[0-9]+)\"")]
    private static partial Regex Target();
}
