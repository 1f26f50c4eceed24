using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Sessions.Host.Configuration;
using Sessions.Host.Roles;
using Sessions.Tests.Host.Tls;
using Sessions.Tests.Run;

namespace Sessions.Tests.Host;

/// <summary>A silo's own ports listen where they are told to, and beyond this machine only with TLS.</summary>
public sealed class SiloAddressTests
{
    private static readonly Dictionary<string, string?> Elsewhere = new() { ["Silo:Address"] = "192.0.2.7" };

    [Theory]
    [InlineData("Silo:Address", "192.0.2.7")]
    [InlineData("Silo:ListenAddress", "0.0.0.0")]
    [InlineData("Silo:ListenAddress", "192.0.2.7")]
    public void A_silo_that_other_machines_could_reach_without_TLS_does_not_start_and_says_so_in_one_line(string setting, string value)
    {
        var refused = Assert.Throws<ConfigurationException>(() => Build(new() { [setting] = value }));

        Assert.Contains(value, refused.Message, StringComparison.Ordinal);
        Assert.Contains("Tls:None=accepted", refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', refused.Message);
    }

    [Fact]
    public void Without_TLS_it_starts_when_the_operator_accepts_that()
    {
        using IHost silo = Build(new(Elsewhere) { ["Tls:None"] = "accepted" });

        Assert.NotNull(silo);
    }

    [Fact]
    public void Another_word_does_not_accept_it() =>
        Assert.Throws<ConfigurationException>(() => Build(new(Elsewhere) { ["Tls:None"] = "yes" }));

    [Fact]
    public void With_TLS_it_starts_and_listens_at_its_address_only()
    {
        using TemporaryDirectory folder = new();
        using TestAuthority authority = new(folder.Location, "ours");
        (string certificate, string key) = authority.Sign("silo");

        using IHost silo = Build(new(Elsewhere) { ["Tls:Certificate"] = certificate, ["Tls:Key"] = key, ["Tls:Authority"] = authority.File });

        Assert.Equal([new IPEndPoint(IPAddress.Parse("192.0.2.7"), 11_111), new(IPAddress.Parse("192.0.2.7"), 30_000)], EndpointsOf(silo));
    }

    [Fact]
    public void Behind_a_translated_address_it_listens_at_an_address_of_its_own()
    {
        using IHost silo = Build(new(Elsewhere) { ["Silo:ListenAddress"] = "127.0.0.1" });

        Assert.Equal([new IPEndPoint(IPAddress.Loopback, 11_111), new(IPAddress.Loopback, 30_000)], EndpointsOf(silo));
        Assert.Equal("192.0.2.7", silo.Services.GetRequiredService<IOptions<EndpointOptions>>().Value.AdvertisedIPAddress.ToString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("made-up-by-the-operator")]
    public void A_secret_is_a_part_of_the_clusters_id(string secret)
    {
        using IHost silo = Build(new() { ["Cluster:Secret"] = secret });

        Assert.Equal(
            secret.Length == 0 ? "sessions" : $"sessions-{secret}",
            silo.Services.GetRequiredService<IOptions<ClusterOptions>>().Value.ClusterId);
    }

    [Theory]
    [InlineData("Cluster:Secret", "short")]
    [InlineData("Cluster:Secret", "sixteen characters")]
    [InlineData("Cluster:ClusterId", "")]
    public void A_secret_that_can_be_guessed_or_does_not_fit_is_refused(string setting, string value) =>
        Assert.Throws<ConfigurationException>(() => Build(new() { [setting] = value }));

    private static IPEndPoint[] EndpointsOf(IHost silo)
    {
        EndpointOptions options = silo.Services.GetRequiredService<IOptions<EndpointOptions>>().Value;
        return [options.SiloListeningEndpoint!, options.GatewayListeningEndpoint!];
    }

    private static IHost Build(Dictionary<string, string?> settings) => RoleHost.SiloBuilder(
        new Dictionary<string, string?>(settings) { ["ConnectionStrings:Postgres"] = "Host=nowhere.invalid;Database=x;Username=x" }).Build();
}
