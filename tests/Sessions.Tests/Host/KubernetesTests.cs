using System.Globalization;
using Sessions.Host;
using Sessions.Host.Configuration;
using Sessions.Host.Telemetry;
using YamlDotNet.RepresentationModel;

namespace Sessions.Tests.Host;

/// <summary>The Kubernetes manifests against the code.</summary>
public sealed class KubernetesTests
{
    private static readonly YamlMappingNode[] Manifests = Load();

    [Theory]
    [InlineData("Job", "sessions-migrate", "migrate")]
    [InlineData("StatefulSet", "sessions-silo", "silo")]
    [InlineData("Deployment", "sessions-gateway", "gateway")]
    public void Every_container_has_a_role_and_settings_that_there_are(string kind, string name, string role)
    {
        YamlMappingNode container = Container(kind, name);
        string[] known =
        [
            RoleConfiguration.Postgres,
            .. Names<SiloSettings>(SiloSettings.Section),
            .. Names<HttpSettings>(HttpSettings.Section),
            .. Names<DefaultProjectSettings>(DefaultProjectSettings.Section),
            .. Names<TelemetrySettings>(TelemetrySettings.Section),
        ];

        Assert.Equal([role], Texts(container["args"]));
        Assert.Contains(role, CommandLine.Roles);
        Assert.Empty(List(container["env"]).Select(entry => Text(entry["name"]).Replace("__", ":", StringComparison.Ordinal)).Except(known));
    }

    [Fact]
    public void Ports_are_those_that_the_roles_listen_on()
    {
        SiloSettings silo = new();

        Assert.Equal(
            new() { ["silo"] = $"{silo.Port}", ["client"] = $"{silo.ClientPort}", ["telemetry"] = Environment("StatefulSet", "sessions-silo", "Telemetry__Port") },
            Ports("StatefulSet", "sessions-silo"));
        Assert.Equal(
            new() { ["http"] = $"{new HttpSettings().Port}", ["telemetry"] = Environment("Deployment", "sessions-gateway", "Telemetry__Port") },
            Ports("Deployment", "sessions-gateway"));
    }

    [Fact]
    public void Stopping_leaves_each_the_time_that_it_may_take()
    {
        const int PauseBeforeTheStop = 5;

        Assert.True(Grace("StatefulSet", "sessions-silo") > new SiloSettings().StopTimeout);
        Assert.True(Grace("Deployment", "sessions-gateway") > new HttpSettings().StopTimeout + TimeSpan.FromSeconds(PauseBeforeTheStop));
        Assert.Equal($"{PauseBeforeTheStop}", Text(Container("Deployment", "sessions-gateway")["lifecycle"]["preStop"]["sleep"]["seconds"]));
    }

    [Theory]
    [InlineData("StatefulSet", "sessions-silo")]
    [InlineData("Deployment", "sessions-gateway")]
    public void Each_is_probed_where_it_answers_and_not_taken_away_all_at_once(string kind, string name)
    {
        YamlMappingNode container = Container(kind, name);
        foreach ((string probe, string path) in new[] { ("readinessProbe", "/health/ready"), ("livenessProbe", "/health/live") })
        {
            Assert.Equal(path, Text(container[probe]["httpGet"]["path"]));
            Assert.Contains(Text(container[probe]["httpGet"]["port"]), Ports(kind, name).Keys);
        }

        Assert.Equal(Text(Spec(kind, name)["selector"]["matchLabels"]["app"]), Text(Spec("PodDisruptionBudget", name)["selector"]["matchLabels"]["app"]));
        Assert.Equal("true", Text(Pod(kind, name)["securityContext"]["runAsNonRoot"]));
    }

    [Fact]
    public void Each_part_can_be_brought_in_by_itself_and_all_run_the_same_version()
    {
        Assert.All(Manifests, one => Assert.Contains(Text(one["metadata"]["labels"]["part"]), CommandLine.Roles));
        string image = Assert.Single(
            new[] { ("Job", "sessions-migrate"), ("StatefulSet", "sessions-silo"), ("Deployment", "sessions-gateway") }
                .Select(part => Text(Container(part.Item1, part.Item2)["image"]))
                .Distinct());
        Assert.Matches(@"^orleans-sessions:\d+\.\d+\.\d+$", image);
    }

    private static YamlMappingNode[] Load()
    {
        using StreamReader text = new(Path.Combine(Root(), "silo-config", "kubernetes", "sessions.yaml"));
        YamlStream stream = [];
        stream.Load(text);
        return [.. stream.Documents.Select(document => (YamlMappingNode)document.RootNode)];
    }

    private static YamlNode Spec(string kind, string name) =>
        Manifests.Single(one => Text(one["kind"]) == kind && Text(one["metadata"]["name"]) == name)["spec"];

    private static YamlNode Pod(string kind, string name) => Spec(kind, name)["template"]["spec"];

    private static YamlMappingNode Container(string kind, string name) => (YamlMappingNode)List(Pod(kind, name)["containers"]).Single();

    private static Dictionary<string, string> Ports(string kind, string name) =>
        List(Container(kind, name)["ports"]).ToDictionary(port => Text(port["name"]), port => Text(port["containerPort"]));

    private static string Environment(string kind, string name, string variable) =>
        Text(List(Container(kind, name)["env"]).Single(entry => Text(entry["name"]) == variable)["value"]);

    private static TimeSpan Grace(string kind, string name) =>
        TimeSpan.FromSeconds(int.Parse(Text(Pod(kind, name)["terminationGracePeriodSeconds"]), CultureInfo.InvariantCulture));

    private static IEnumerable<string> Names<T>(string section) => typeof(T).GetProperties().Select(property => $"{section}:{property.Name}");

    private static YamlSequenceNode List(YamlNode node) => (YamlSequenceNode)node;

    private static IEnumerable<string> Texts(YamlNode node) => List(node).Select(Text);

    private static string Text(YamlNode node) => ((YamlScalarNode)node).Value!;

    private static string Root()
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Orleans.Sessions.sln")))
        {
            folder = folder.Parent;
        }

        return folder?.FullName ?? throw new InvalidOperationException("Orleans.Sessions.sln was not found above the tests.");
    }
}
