using System.Text.RegularExpressions;
using Microsoft.Extensions.Configuration;
using Sessions.Host;
using Sessions.Host.Configuration;
using Sessions.Host.Database;
using Sessions.Host.Telemetry;
using YamlDotNet.Serialization;

namespace Sessions.Tests.Host;

/// <summary>docker-compose.yml and Dockerfile against the code, since the names in them are nobody's compiler's business.</summary>
public sealed partial class ContainerTests
{
    private static readonly string Root = FindRoot();
    private static readonly Dictionary<object, object> Compose = Parse();

    [Theory]
    [InlineData("postgres", "postgres")]
    [InlineData("migrate", "migrate")]
    [InlineData("silo-1", "silo")]
    [InlineData("silo-2", "silo")]
    [InlineData("gateway-1", "gateway")]
    [InlineData("gateway-2", "gateway")]
    public void Every_service_names_a_role_that_there_is(string service, string role)
    {
        string command = (string)List(Service(service)["command"])[0];

        Assert.Equal(role, command);
        Assert.True(service == "postgres" || CommandLine.Roles.Contains(command));
    }

    [Fact]
    public void The_server_has_the_memory_settings_of_the_private_one()
    {
        string[] given = [.. Map(Service("postgres")["environment"]).Select(one => $"{one.Key}={one.Value}")];

        Assert.NotEmpty(PostgresSettings.Environment);
        Assert.Empty(PostgresSettings.Environment.Except(given));
    }

    [Fact]
    public void Every_variable_is_a_setting_that_the_code_reads()
    {
        string[] known =
        [
            RoleConfiguration.Postgres,
            .. Names<PostgresStartSettings>(PostgresStartSettings.Section),
            .. Names<SiloSettings>(SiloSettings.Section),
            .. Names<HttpSettings>(HttpSettings.Section),
            .. Names<DefaultProjectSettings>(DefaultProjectSettings.Section),
            .. Names<ClusterSettings>(ClusterSettings.Section),
            .. Names<TelemetrySettings>(TelemetrySettings.Section),
        ];

        string[] unknown = Ours()
            .SelectMany(service => Map(Service(service)["environment"]).Keys.Select(name => ((string)name).Replace("__", ":", StringComparison.Ordinal)))
            .Except(known)
            .ToArray();

        Assert.Empty(unknown);
    }

    [Fact]
    public void The_settings_of_each_service_are_valid()
    {
        foreach (string service in Ours())
        {
            // What the operator makes up stands for itself.
            IConfiguration configuration = new ConfigurationBuilder()
                .AddInMemoryCollection(Map(Service(service)["environment"]).Select(entry => KeyValuePair.Create(
                    ((string)entry.Key).Replace("__", ":", StringComparison.Ordinal),
                    (string?)Placeholder().Replace((string)entry.Value, "made-up-by-the-operator"))))
                .Build();

            configuration.RequirePostgres();
            configuration.Read<SiloSettings>(SiloSettings.Section);
            configuration.Read<HttpSettings>(HttpSettings.Section);
            TelemetrySettings.Read(configuration);
            if (service == "migrate")
            {
                configuration.Read<DefaultProjectSettings>(DefaultProjectSettings.Section);
            }
        }
    }

    [Fact]
    public void Ports_are_those_that_the_roles_listen_on()
    {
        int http = new HttpSettings().Port;
        SiloSettings silo = new();

        Assert.Equal([$"{http}:{http}"], List(Service("gateway-1")["ports"]).Cast<string>());
        Assert.Equal([$"{http + 1}:{http}"], List(Service("gateway-2")["ports"]).Cast<string>());
        foreach ((string service, int port) in new[]
        {
            ("silo-1", int.Parse((string)Map(Service("silo-1")["environment"])["Telemetry__Port"], System.Globalization.CultureInfo.InvariantCulture)),
            ("gateway-1", http),
        })
        {
            string[] check = [.. List(Map(Service(service)["healthcheck"])["test"]).Cast<string>()];
            Assert.Equal(["CMD", "dotnet", "Sessions.Host.dll"], check.Take(3));
            Assert.Equal(new Invocation.Health(new Uri($"http://127.0.0.1:{port}/health/ready")), CommandLine.Parse(check[3..]));
        }

        Assert.Contains($"EXPOSE {http} {silo.Port} {silo.ClientPort}", Dockerfile(), StringComparison.Ordinal);
    }

    [Fact]
    public void Prometheus_asks_every_process_where_it_shows_its_metrics()
    {
        string asked = File.ReadAllText(Path.Combine(Root, "silo-config", "prometheus", "prometheus.yml"));
        string[] shown = [.. Ours().Where(service => service != "migrate").Select(service => $"\"{service}:{Map(Service(service)["environment"])["Telemetry__Port"]}\"")];

        Assert.Contains($"[{string.Join(", ", shown)}]", asked, StringComparison.Ordinal);
        foreach (string mounted in Volumes("prometheus").Concat(Volumes("grafana")).Where(volume => volume.StartsWith("./", StringComparison.Ordinal)))
        {
            Assert.True(Path.Exists(Path.Combine(Root, mounted.Split(':')[0])), mounted);
        }
    }

    [Theory]
    [InlineData("silo-1")]
    [InlineData("gateway-1")]
    public void Stopping_leaves_the_process_the_time_that_it_may_take(string service)
    {
        TimeSpan ours = service == "silo-1" ? new SiloSettings().StopTimeout : new HttpSettings().StopTimeout;
        string grace = (string)Service(service)["stop_grace_period"];

        Assert.True(TimeSpan.FromSeconds(int.Parse(grace.TrimEnd('s'), System.Globalization.CultureInfo.InvariantCulture)) > ours);
    }

    [Fact]
    public void The_image_runs_the_host_and_not_as_root()
    {
        Assert.Contains("""ENTRYPOINT ["dotnet", "Sessions.Host.dll"]""", Dockerfile(), StringComparison.Ordinal);
        Assert.Contains("USER $APP_UID", Dockerfile(), StringComparison.Ordinal);
        // Projects have time zones, which the plain chiseled image has not.
        Assert.Contains("-chiseled-extra", Dockerfile(), StringComparison.Ordinal);
    }

    private static string Dockerfile() => File.ReadAllText(Path.Combine(Root, "Dockerfile"));

    private static IEnumerable<string> Ours() => Map(Compose["services"]).Keys.Cast<string>().Where(name => name is not ("postgres" or "prometheus" or "grafana"));

    private static Dictionary<object, object> Service(string name) => Map(Map(Compose["services"])[name]);

    private static IEnumerable<string> Volumes(string service) => List(Service(service)["volumes"]).Cast<string>();

    private static IEnumerable<string> Names<T>(string section) => typeof(T).GetProperties().Select(property => $"{section}:{property.Name}");

    private static Dictionary<object, object> Map(object value) => (Dictionary<object, object>)value;

    private static List<object> List(object value) => (List<object>)value;

    private static Dictionary<object, object> Parse()
    {
        using StreamReader reader = new(Path.Combine(Root, "docker-compose.yml"));
        YamlDotNet.Core.MergingParser parser = new(new YamlDotNet.Core.Parser(reader));
        return Map(new DeserializerBuilder().Build().Deserialize<object>(parser)!);
    }

    private static string FindRoot()
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Orleans.Sessions.sln")))
        {
            folder = folder.Parent;
        }

        return folder?.FullName ?? throw new InvalidOperationException("Orleans.Sessions.sln was not found above the tests.");
    }

    [GeneratedRegex(@"\$\{\w+:\?\}")]
    private static partial Regex Placeholder();
}
