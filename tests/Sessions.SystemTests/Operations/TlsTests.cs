using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using Npgsql;
using Sessions.SystemTests.Audit;
using Sessions.SystemTests.Backends;
using Sessions.SystemTests.Harness;
using Sessions.SystemTests.Traffic;
using Xunit.Sdk;

namespace Sessions.SystemTests.Operations;

/// <summary>TLS among silos, gateways and backends, and to Postgres.</summary>
[Collection(Lane.Started)]
public sealed class TlsTests(SecuredCluster secured) : IClassFixture<SecuredCluster>
{
    private const int Wrong = 2;
    private static readonly TimeSpan Bound = TimeSpan.FromMinutes(2);

    private readonly RoleCluster _cluster = secured.Cluster;

    [Fact]
    public async Task A_cluster_with_TLS_captures_events_and_its_sessions_are_right()
    {
        using Gateway gateway = _cluster.Gateway("gateway-1");
        using CancellationTokenSource stop = new();
        Writers writers = new([gateway], visitors: 8, seed: 41);
        Task traffic = writers.Send(stop.Token);
        await writers.HaveAcknowledged(600, traffic, Bound);
        await stop.CancelAsync();
        await traffic;

        Assert.Equal(0, writers.Retries);
        await Books.AreRight(_cluster.Reader, writers);
        Assert.Equal(2L, await Scalar("select count(*) from orleans.orleansmembershiptable where status = 3"));
        Assert.Equal(0L, await Scalar(
            "select count(*) from pg_stat_activity join pg_stat_ssl using (pid) where datname = current_database() and not ssl"));
    }

    [Fact]
    public async Task A_silo_accepts_only_connections_with_a_certificate_of_the_clusters_authority()
    {
        X509Certificate2 ours = Load(secured.Ours.Sign("backend"));
        X509Certificate2 others = Load(secured.Others.Sign("stranger"));

        Assert.True(await Talks(ours));
        Assert.False(await Talks(others));
        Assert.False(await Talks(null));
    }

    [Theory]
    [InlineData("without a certificate")]
    [InlineData("with somebody else's")]
    public async Task No_gateway_and_no_silo_joins_the_cluster(string how)
    {
        Dictionary<string, string> settings = how == "without a certificate" ? [] : SecuredCluster.Settings(secured.Others.Sign("joins"), secured.Others);
        // The row that it leaves behind in the table says how far it came.
        settings["Membership__MaxJoinAttemptTime"] = "00:00:15";
        string mark = Guid.NewGuid().ToString("N")[..6];

        RoleProcess gateway = _cluster.Begin($"gateway-{mark}", settings: settings);
        RoleProcess silo = _cluster.Begin($"silo-{mark}", settings: settings);
        await Wait.For(
            async () => (await gateway.WholeOutput()).Contains("No silo can be reached yet", StringComparison.Ordinal),
            () => $"the gateway does not say that it finds nobody.{Environment.NewLine}{gateway.Output}",
            Bound);

        await Wait.For(async () => await _cluster.Health($"gateway-{mark}", "live") == HttpStatusCode.OK, "the gateway does not live", Bound);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, await _cluster.Answer($"gateway-{mark}", "ready"));
        Assert.NotEqual(0, await silo.Ends(Bound));
        Assert.DoesNotContain("ready", (await silo.WholeOutput()).Split('\n'));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, await _cluster.Answer($"gateway-{mark}", "ready"));
        // Those who belong together have not been disturbed.
        Assert.Equal(2L, await Scalar("select count(*) from orleans.orleansmembershiptable where status = 3"));
        using Gateway ours = _cluster.Gateway("gateway-1");
        await ours.Track(Events.Event("$pageview", Events.NewDistinctId("still")));
        await gateway.Stop();
    }

    [Theory]
    [InlineData("silo", "Tls__Certificate", "/nowhere.crt", "Tls:Certificate: /nowhere.crt")]
    [InlineData("gateway", "Tls__Authority", "", "Tls:Authority not set")]
    [InlineData("gateway", "Tls__Key", "/dev/null", "Tls:Key (/dev/null)")]
    public async Task A_wrong_TLS_setting_stops_the_process_with_an_error_of_one_line(
        string role, string setting, string value, string says)
    {
        Dictionary<string, string> settings = SecuredCluster.Settings(secured.Ours.Sign($"wrong-{role}"), secured.Ours);
        settings["ConnectionStrings__Postgres"] = secured.Postgres;
        settings[setting] = value;
        using RoleProcess process = RoleProcess.Start([role], $"tls-wrong-{role}", settings);

        Assert.Equal(Wrong, await process.Ends());

        string line = Assert.Single((await process.WholeOutput()).Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.Contains(says, line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_with_TLS_everywhere_serves_a_backend_an_import_and_psql()
    {
        await using Cluster cluster = await Cluster.Launch(new ClusterPlan
        {
            Name = "tls-run",
            Silos = 2,
            Gateways = 1,
            Postgres = await secured.NewDatabase("run_with_tls"),
            Settings = SecuredCluster.Settings(secured.Ours.Sign("run"), secured.Ours),
        });
        using GameServer game = GameServer.Start(cluster.ReadyFile, bots: 2);
        await game.HavePlayed(3);
        IReadOnlyList<Player> players = await game.End();
        await Books.AddUp(cluster.Reader, [.. players.Select(player => $"{player.SessionId}")]);

        using TempFolder folder = new();
        string export = Path.Combine(folder.Path, "export.ndjson");
        await File.WriteAllTextAsync(export, Events.Event("$pageview", Events.NewDistinctId("imported")).ToJsonString());
        Assert.Contains("1 events are in project default", await ImportCommand.Run(cluster, export), StringComparison.Ordinal);

        string psql = cluster.Output.Split('\n').Single(line => line.Contains("psql \"", StringComparison.Ordinal)).Split('"')[1];
        Assert.Contains("SSL connection", await Psql.Ask(psql, "\\conninfo"), StringComparison.Ordinal);
        await cluster.Stop();
    }

    [Fact]
    public async Task A_Postgres_with_an_untrusted_certificate_is_not_used()
    {
        var refused = await Assert.ThrowsAsync<XunitException>(() => Cluster.Launch(new ClusterPlan
        {
            Name = "tls-refused",
            Postgres = secured.PostgresTrusting(secured.Others),
        }));

        Assert.Contains("sessions: ", refused.Message, StringComparison.Ordinal);
        Assert.Contains("certificate", refused.Message, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("   at ", refused.Message.Split("(all of it:")[0], StringComparison.Ordinal);
    }

    /// <summary>Whether a silo goes on talking after the handshake.</summary>
    private async Task<bool> Talks(X509Certificate2? certificate)
    {
        X509ChainPolicy trust = new() { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        trust.CustomTrustStore.Add(X509CertificateLoader.LoadCertificateFromFile(secured.Ours.File));
        using TcpClient tcp = new();
        await tcp.ConnectAsync(IPAddress.Loopback, _cluster.ClientPort("silo-1"));
        await using SslStream tls = new(tcp.GetStream());
        try
        {
            await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
            {
                TargetHost = "localhost",
                ClientCertificates = certificate is null ? null : [certificate],
                CertificateChainPolicy = trust,
            });
            // Whoever calls speaks first; who was refused reads the end instead.
            using CancellationTokenSource patience = new(TimeSpan.FromSeconds(5));
            byte[] answer = new byte[1];
            return await tls.ReadAsync(answer, patience.Token) > 0;
        }
        catch (OperationCanceledException)
        {
            // It waits for us to say who we are: the handshake was good.
            return true;
        }
        catch (Exception refused) when (refused is IOException or System.Security.Authentication.AuthenticationException)
        {
            return false;
        }
    }

    private static X509Certificate2 Load((string Certificate, string Key) files) => X509Certificate2.CreateFromPemFile(files.Certificate, files.Key);

    private async Task<long> Scalar(string sql)
    {
        await using NpgsqlCommand command = _cluster.Owner.CreateCommand(sql);
        return (long)(await command.ExecuteScalarAsync())!;
    }
}
