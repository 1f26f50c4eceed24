using System.Text.RegularExpressions;
using Microsoft.Extensions.Configuration;
using Npgsql;
using Sessions.Columns;
using Sessions.Columns.Asking;
using Sessions.Host;
using Sessions.Host.Configuration;
using Sessions.Host.Database;
using Sessions.Host.Telemetry;
using Sessions.Host.Tls;
using YamlDotNet.Serialization;

namespace Sessions.Tests.Host;

/// <summary>
/// docker-compose.yml and Dockerfile are checked against the code, since no compiler checks the names in them.
/// </summary>
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
    [InlineData("columns", "columns")]
    public void Every_service_has_an_existing_role(string service, string role)
    {
        string command = (string)List(Service(service)["command"])[0];

        Assert.Equal(role, command);
        Assert.True(service == "postgres" || CommandLine.Roles.Contains(command));
    }

    [Fact]
    public void The_Postgres_service_has_the_memory_settings_of_the_private_Postgres()
    {
        string[] given = [.. Map(Service("postgres")["environment"]).Select(one => $"{one.Key}={one.Value}")];

        Assert.NotEmpty(PostgresSettings.Environment);
        Assert.Empty(PostgresSettings.Environment.Except(given));
    }

    [Fact]
    public void A_process_of_the_Postgres_service_has_a_memory_limit_as_the_private_Postgres_has()
    {
        long limit = long.Parse((string)Map(Service("postgres")["ulimits"])["data"], System.Globalization.CultureInfo.InvariantCulture);

        Assert.InRange(limit, PostgresSettings.ProcessBytes(0), PostgresSettings.ProcessBytes(long.MaxValue));
    }

    [Fact]
    public void The_Postgres_service_has_room_for_the_connections_of_all_processes()
    {
        IConfiguration defaults = new ConfigurationBuilder().Build();
        ConnectionNeeds needs = ConnectionNeeds.Of(Ours().Where(service => service != "migrate")
            .Select(service => ConnectionPlan.Of(defaults, service.StartsWith("silo", StringComparison.Ordinal), service.StartsWith("gateway", StringComparison.Ordinal))));
        string setting = List(Service("postgres")["command"]).Cast<string>().Single(one => one.StartsWith("max_connections=", StringComparison.Ordinal));

        Assert.True(int.Parse(setting.Split('=')[1], System.Globalization.CultureInfo.InvariantCulture) >= needs.Program + ConnectionNeeds.Readers);
    }

    [Fact]
    public void Every_environment_variable_is_a_setting_that_the_code_reads()
    {
        string[] known =
        [
            RoleConfiguration.Postgres,
            RoleConfiguration.Administrator,
            .. Names<TlsSettings>(TlsSettings.Section),
            .. Names<PostgresStartSettings>(PostgresStartSettings.Section),
            .. Names<SiloSettings>(SiloSettings.Section),
            .. Names<HttpSettings>(HttpSettings.Section),
            .. Names<DefaultProjectSettings>(DefaultProjectSettings.Section),
            .. Names<ClusterSettings>(ClusterSettings.Section),
            .. Names<TelemetrySettings>(TelemetrySettings.Section),
            .. Names<ColumnsSettings>(ColumnsSettings.Section),
            .. Names<ColumnsOptions>(ColumnsOptions.Section),
            .. Names<ColumnsClientOptions>(ColumnsClientOptions.Section),
        ];

        string[] unknown = Ours()
            .SelectMany(service => Environment(service).Keys.Select(name => ((string)name).Replace("__", ":", StringComparison.Ordinal)))
            .Except(known)
            .ToArray();

        Assert.Empty(unknown);
    }

    [Fact]
    public void The_settings_of_each_service_are_valid()
    {
        foreach (string service in Ours().Where(service => service != "certificates"))
        {
            // What the operator makes up stands for itself.
            IConfiguration configuration = new ConfigurationBuilder()
                .AddInMemoryCollection(Environment(service).Select(entry => KeyValuePair.Create(
                    ((string)entry.Key).Replace("__", ":", StringComparison.Ordinal),
                    (string?)Placeholder().Replace((string)entry.Value, "made-up-by-the-operator"))))
                .Build();

            configuration.RequirePostgres();
            configuration.Read<SiloSettings>(SiloSettings.Section);
            configuration.Read<HttpSettings>(HttpSettings.Section);
            configuration.Read<ColumnsSettings>(ColumnsSettings.Section);
            configuration.Read<ColumnsOptions>(ColumnsOptions.Section);
            configuration.Read<ColumnsClientOptions>(ColumnsClientOptions.Section);
            TelemetrySettings.Read(configuration);
            TlsSettings.Read(configuration);
            if (service == "migrate")
            {
                configuration.Read<DefaultProjectSettings>(DefaultProjectSettings.Section);
            }
        }
    }

    [Fact]
    public void The_ports_are_those_that_the_roles_listen_on()
    {
        int http = new HttpSettings().Port;
        SiloSettings silo = new();

        Assert.Equal([$"127.0.0.1:{http}:{http}"], List(Service("gateway-1")["ports"]).Cast<string>());
        Assert.Equal([$"127.0.0.1:{http + 1}:{http}"], List(Service("gateway-2")["ports"]).Cast<string>());
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
    public void Prometheus_scrapes_every_process_at_its_metrics_endpoint()
    {
        string asked = File.ReadAllText(Path.Combine(Root, "silo-config", "prometheus", "prometheus.yml"));
        string[] shown = [.. Ours().Where(service => service is not ("migrate" or "certificates")).Select(service => $"\"{service}:{Map(Service(service)["environment"])["Telemetry__Port"]}\"")];

        Assert.Contains($"[{string.Join(", ", shown)}]", asked, StringComparison.Ordinal);
        foreach (string mounted in Volumes("prometheus").Concat(Volumes("grafana")).Where(volume => volume.StartsWith("./", StringComparison.Ordinal)))
        {
            Assert.True(Path.Exists(Path.Combine(Root, mounted.Split(':')[0])), mounted);
        }
    }

    [Fact]
    public void Each_alert_uses_metrics_of_the_page_for_operators_and_has_a_line_there()
    {
        string rules = File.ReadAllText(Path.Combine(Root, "silo-config", "prometheus", "alerts.yml"));
        string page = File.ReadAllText(Path.Combine(Root, "docs", "operations.md"));
        string[] alerts = [.. Alert().Matches(rules).Select(match => match.Groups[1].Value)];
        string[] metrics = [.. Metric().Matches(rules).Select(match => match.Value).Distinct()];

        Assert.NotEmpty(alerts);
        Assert.NotEmpty(metrics);
        Assert.All(alerts, alert => Assert.Contains($"`{alert}`", page, StringComparison.Ordinal));
        Assert.All(metrics, metric => Assert.Contains($"`{metric}", page, StringComparison.Ordinal));
        Assert.IsType<Dictionary<object, object>>(new DeserializerBuilder().Build().Deserialize<object>(rules));
    }

    [Theory]
    [InlineData("silo-1")]
    [InlineData("gateway-1")]
    public void The_stop_grace_period_is_as_long_as_the_process_may_need(string service)
    {
        TimeSpan ours = service == "silo-1" ? new SiloSettings().StopTimeout : new HttpSettings().StopTimeout;
        string grace = (string)Service(service)["stop_grace_period"];

        Assert.True(TimeSpan.FromSeconds(int.Parse(grace.TrimEnd('s'), System.Globalization.CultureInfo.InvariantCulture)) > ours);
    }

    [Fact]
    public void The_image_runs_the_host_as_a_user_without_root_rights()
    {
        Assert.Contains("""ENTRYPOINT ["dotnet", "Sessions.Host.dll"]""", Dockerfile(), StringComparison.Ordinal);
        Assert.Contains("USER $APP_UID", Dockerfile(), StringComparison.Ordinal);
        // Projects have time zones, which the plain chiseled image has not.
        Assert.Contains("-chiseled-extra", Dockerfile(), StringComparison.Ordinal);
    }

    [Fact]
    public void The_program_is_no_superuser_and_only_the_migration_knows_one()
    {
        NpgsqlConnectionStringBuilder program = new(Placeholder().Replace((string)Environment("silo-1")["ConnectionStrings__Postgres"], "x"));

        Assert.NotEqual((string)Environment("postgres")["POSTGRES_USER"], program.Username);
        Assert.Equal(["migrate"], Ours().Where(service => Environment(service).ContainsKey("ConnectionStrings__Administrator")));
    }

    [Theory]
    [InlineData("silo-1")]
    [InlineData("silo-2")]
    [InlineData("gateway-1")]
    [InlineData("gateway-2")]
    public void Every_process_of_the_cluster_has_the_certificate_that_the_service_makes(string service)
    {
        string[] made = [.. List(Service("certificates")["command"]).Cast<string>()];
        Invocation.Certificates files = Assert.IsType<Invocation.Certificates>(CommandLine.Parse(made));

        Assert.Equal($"{files.Directory}/{CertificateFiles.Certificate}", Environment(service)["Tls__Certificate"]);
        Assert.Equal($"{files.Directory}/{CertificateFiles.Key}", Environment(service)["Tls__Key"]);
        Assert.Equal($"{files.Directory}/{CertificateFiles.Authority}", Environment(service)["Tls__Authority"]);
        Assert.Equal([$"certificates:{files.Directory}:ro"], Volumes(service));
        Assert.DoesNotContain(Volumes(service), volume => volume.Contains(files.Authority, StringComparison.Ordinal));
    }

    [Fact]
    public void Prometheus_and_Grafana_reach_neither_Postgres_nor_the_silos_own_ports()
    {
        Assert.Equal(["cluster"], List(Service("postgres")["networks"]).Cast<string>());
        Assert.Equal("true", Map(Map(Compose["networks"])["cluster"])["internal"]);
        foreach (string watcher in (string[])["prometheus", "grafana"])
        {
            Assert.Equal(["outside"], List(Service(watcher)["networks"]).Cast<string>());
        }

        foreach (string silo in (string[])["silo-1", "silo-2"])
        {
            string alias = (string)List(Map(Map(Service(silo)["networks"])["cluster"])["aliases"]).Single();
            Assert.Equal(alias, Environment(silo)["Silo__Address"]);
            Assert.False(Environment(silo).ContainsKey("Silo__ListenAddress"));
        }
    }

    private static Dictionary<object, object> Environment(string service) =>
        Service(service).TryGetValue("environment", out object? environment) ? Map(environment) : [];

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

    [GeneratedRegex(@"alert: (\w+)")]
    private static partial Regex Alert();

    [GeneratedRegex(@"\bsessions_\w+")]
    private static partial Regex Metric();

    [GeneratedRegex(@"\$\{\w+:\?\}")]
    private static partial Regex Placeholder();
}
