using System.Net;
using Sessions.SystemTests.Audit;
using Sessions.SystemTests.Faults;
using Sessions.SystemTests.Harness;
using Sessions.SystemTests.Traffic;
using Sessions.Tests.Host.Tls;

namespace Sessions.SystemTests.Operations;

/// <summary>A TLS certificate ends while it is in use, and a new one is put in its place.</summary>
[Collection(Lane.Started)]
public sealed class ExpiredCertificateTests
{
    private const int Visitors = 8;
    private const int EventsAround = 200;

    private static readonly TimeSpan Bound = TimeSpan.FromMinutes(2);

    // Its authority signs ten minutes less.
    private static readonly TimeSpan Short = TimeSpan.FromMinutes(10) + TimeSpan.FromSeconds(Soak.IsOn ? 90 : 25);

    [Theory]
    [InlineData("gateway-1")]
    [InlineData("silo-1")]
    public async Task Open_connections_go_on_new_ones_are_refused_and_a_new_certificate_is_taken_without_a_restart(string member)
    {
        Soak.OnlyInTheLongForm();
        using TempFolder folder = new();
        using TestAuthority ours = new(folder.Path, "ours");
        await using OwnPostgres postgres = await OwnPostgres.Launch();
        await using RoleCluster cluster = new("tls-expiry", postgres.ConnectionString(database: "sessions"));
        await cluster.Migrate();
        string other = member == "silo-1" ? "gateway-1" : "silo-1";
        cluster.Begin(other, settings: SecuredCluster.Settings(ours.Sign(other), ours));
        RoleProcess ending = cluster.Begin(member, settings: SecuredCluster.Settings(ours.Sign(member, Short), ours));
        await cluster.IsReady("silo-1");
        await cluster.IsReady("gateway-1");
        using Gateway gateway = cluster.Gateway("gateway-1");
        Writers writers = new([gateway], Visitors, seed: 95) { Pause = TimeSpan.FromMilliseconds(30) };
        using CancellationTokenSource stop = new();
        Task traffic = writers.Send(stop.Token);
        try
        {
            await Says(ending, "TLS certificate ends at");
            await Says(ending, "TLS certificate ended at");
            Assert.Contains("certificate ended at", await cluster.Ready(member), StringComparison.Ordinal);
            Assert.Matches(@"sessions_certificate_left_seconds\{[^}]*\} -\d", await cluster.Metrics(member));
            // Nothing changes while connections are open.
            await writers.HaveAcknowledged(writers.Acknowledged.Count + EventsAround, traffic, Bound);

            cluster[other].Kill();
            cluster.Begin(other, settings: SecuredCluster.Settings(ours.Sign(other), ours));
            await cluster[other].IsAtWork();
            await Wait.For(async () => await IsRefused(gateway), "events are taken although no connection can have come about", Bound);

            ours.Sign(member);
            await writers.HaveAcknowledged(writers.Acknowledged.Count + EventsAround, traffic, Bound);
            await Says(ending, "A new TLS certificate is in use");
            Assert.False(ending.HasExited);
        }
        finally
        {
            await stop.CancelAsync();
            await Task.WhenAny(traffic, Task.Delay(Bound));
        }

        await traffic;
        await Books.AreRight(cluster.Reader, writers);
    }

    private static async Task<bool> IsRefused(Gateway gateway)
    {
        using HttpResponseMessage answer = await gateway.Capture([Events.Event("refused", Events.NewDistinctId("refused"))]);
        return answer.StatusCode == HttpStatusCode.ServiceUnavailable;
    }

    private static Task Says(RoleProcess process, string text) => Wait.For(
        async () => (await process.WholeOutput()).Contains(text, StringComparison.Ordinal),
        () => $"{process.Name} does not say: {text}{Environment.NewLine}{process.Output}",
        Bound);
}
