using System.Globalization;
using Sessions.Columns;
using Sessions.Columns.Asking;
using Sessions.Host;
using Sessions.Host.Configuration;
using Sessions.Host.Telemetry;
using Sessions.Host.Tls;
using YamlDotNet.RepresentationModel;

namespace Sessions.Tests.Host;

/// <summary>The Kubernetes manifests are checked against the code.</summary>
public sealed class KubernetesTests
{
    private static readonly YamlMappingNode[] Manifests = Load();

    [Theory]
    [InlineData("Job", "sessions-migrate", "migrate")]
    [InlineData("StatefulSet", "sessions-silo", "silo")]
    [InlineData("Deployment", "sessions-gateway", "gateway")]
    [InlineData("StatefulSet", "sessions-columns", "columns")]
    public void Every_container_has_an_existing_role_and_existing_settings(string kind, string name, string role)
    {
        YamlMappingNode container = Container(kind, name);
        string[] known =
        [
            RoleConfiguration.Postgres,
            .. Names<SiloSettings>(SiloSettings.Section),
            .. Names<HttpSettings>(HttpSettings.Section),
            .. Names<DefaultProjectSettings>(DefaultProjectSettings.Section),
            .. Names<TelemetrySettings>(TelemetrySettings.Section),
            .. Names<TlsSettings>(TlsSettings.Section),
            .. Names<ColumnsSettings>(ColumnsSettings.Section),
            .. Names<ColumnsOptions>(ColumnsOptions.Section),
            .. Names<ColumnsClientOptions>(ColumnsClientOptions.Section),
        ];

        Assert.Equal([role], Texts(container["args"]));
        Assert.Contains(role, CommandLine.Roles);
        Assert.Empty(List(container["env"]).Select(entry => Text(entry["name"]).Replace("__", ":", StringComparison.Ordinal)).Except(known));
    }

    [Fact]
    public void The_ports_are_those_that_the_roles_listen_on()
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
    public void Each_container_has_a_grace_period_as_long_as_its_stop_may_take()
    {
        const int PauseBeforeTheStop = 5;

        Assert.True(Grace("StatefulSet", "sessions-silo") > new SiloSettings().StopTimeout);
        Assert.True(Grace("Deployment", "sessions-gateway") > new HttpSettings().StopTimeout + TimeSpan.FromSeconds(PauseBeforeTheStop));
        Assert.Equal($"{PauseBeforeTheStop}", Text(Container("Deployment", "sessions-gateway")["lifecycle"]["preStop"]["sleep"]["seconds"]));
    }

    [Theory]
    [InlineData("StatefulSet", "sessions-silo")]
    [InlineData("Deployment", "sessions-gateway")]
    public void Each_container_is_probed_at_its_health_endpoint_and_not_all_are_evicted_at_once(
        string kind, string name)
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
    public void Each_part_can_be_deployed_by_itself_and_all_parts_run_the_same_image()
    {
        Assert.All(Manifests, one => Assert.Contains(Text(one["metadata"]["labels"]["part"]), CommandLine.Roles));
        string image = Assert.Single(
            new[] { ("Job", "sessions-migrate"), ("StatefulSet", "sessions-silo"), ("Deployment", "sessions-gateway"), ("StatefulSet", "sessions-columns") }
                .Select(part => Text(Container(part.Item1, part.Item2)["image"]))
                .Distinct());
        Assert.Matches(@"^orleans-sessions:\d+\.\d+\.\d+$", image);
    }

    [Theory]
    [InlineData("Job", "sessions-migrate")]
    [InlineData("StatefulSet", "sessions-silo")]
    [InlineData("Deployment", "sessions-gateway")]
    [InlineData("StatefulSet", "sessions-columns")]
    public void Each_container_has_no_right_that_it_does_not_need(string kind, string name)
    {
        YamlNode context = Container(kind, name)["securityContext"];

        Assert.Equal("false", Text(context["allowPrivilegeEscalation"]));
        Assert.Equal("true", Text(context["readOnlyRootFilesystem"]));
        Assert.Equal(["ALL"], Texts(context["capabilities"]["drop"]));
        Assert.Equal("false", Text(Pod(kind, name)["automountServiceAccountToken"]));
        // The runtime's own files, such as the socket for diagnostics.
        Assert.Contains("/tmp", List(Container(kind, name)["volumeMounts"]).Select(mount => Text(mount["mountPath"])));
    }

    [Theory]
    [InlineData("StatefulSet", "sessions-silo")]
    [InlineData("Deployment", "sessions-gateway")]
    public void Each_process_of_the_cluster_has_its_certificate_from_the_secret(string kind, string name)
    {
        YamlNode mount = List(Container(kind, name)["volumeMounts"]).Single(one => Text(one["name"]) == "tls");

        Assert.Equal($"{Text(mount["mountPath"])}/{CertificateFiles.Certificate}", Environment(kind, name, "Tls__Certificate"));
        Assert.Equal($"{Text(mount["mountPath"])}/{CertificateFiles.Key}", Environment(kind, name, "Tls__Key"));
        Assert.Equal($"{Text(mount["mountPath"])}/{CertificateFiles.Authority}", Environment(kind, name, "Tls__Authority"));
        YamlNode volume = List(Pod(kind, name)["volumes"]).Single(one => Text(one["name"]) == "tls");
        Assert.Equal("sessions-tls", Text(volume["secret"]["secretName"]));
    }

    [Fact]
    public void Only_silos_gateways_and_backends_reach_the_silos_own_ports()
    {
        YamlNode[] rules = [.. List(Spec("NetworkPolicy", "sessions-silo")["ingress"])];

        Assert.Equal(["Ingress"], Texts(Spec("NetworkPolicy", "sessions-silo")["policyTypes"]));
        Assert.Equal("sessions-silo", Text(Spec("NetworkPolicy", "sessions-silo")["podSelector"]["matchLabels"]["app"]));
        Assert.Equal([["silo", "client"], ["client"], ["telemetry"]], rules.Select(rule => List(rule["ports"]).Select(port => Text(port["port"])).ToArray()));
        Assert.All(rules[..2], rule => Assert.All(List(rule["from"]), from => Assert.NotNull(from["podSelector"])));
        Assert.Equal("sessions-gateway", Text(Spec("NetworkPolicy", "sessions-gateway")["podSelector"]["matchLabels"]["app"]));
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
