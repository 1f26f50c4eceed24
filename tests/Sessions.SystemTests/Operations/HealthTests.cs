using System.Net;
using Sessions.SystemTests.Harness;

namespace Sessions.SystemTests.Operations;

/// <summary>The health endpoints: a process is ready exactly when it can capture an event.</summary>
[Collection(Lane.Started)]
public sealed class HealthTests
{
    private static readonly TimeSpan Bound = TimeSpan.FromMinutes(2);

    [Fact]
    public async Task A_gateway_is_ready_only_with_a_silo_and_Postgres()
    {
        await using OwnPostgres postgres = await OwnPostgres.Launch();
        await using RoleCluster cluster = new("health", postgres.ConnectionString(database: "sessions"));
        RoleProcess early = cluster.Begin("silo-1");
        Assert.Equal(1, await early.Ends());
        Assert.Contains("run migrate first", await early.WholeOutput(), StringComparison.Ordinal);
        await cluster.Migrate();

        cluster.Begin("gateway-1");
        await Becomes(cluster, "gateway-1", "live", HttpStatusCode.OK);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, await cluster.Answer("gateway-1", "ready"));
        using Gateway gateway = cluster.Gateway("gateway-1");
        using (HttpResponseMessage refused = await gateway.Capture([Events.Event("$pageview", "nobody")]))
        {
            Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
            Assert.NotNull(refused.Headers.RetryAfter);
        }

        cluster.Begin("silo-1");
        await Both(HttpStatusCode.OK);
        await gateway.Track(Events.Event("$pageview", Events.NewDistinctId("healthy")));

        await postgres.Kill9();
        await Both(HttpStatusCode.ServiceUnavailable);
        Assert.Equal(HttpStatusCode.OK, await cluster.Answer("gateway-1", "live"));
        Assert.Equal(HttpStatusCode.OK, await cluster.Answer("silo-1", "live"));
        await postgres.StartAgain();
        await Both(HttpStatusCode.OK);
        await Wait.For(
            async () =>
            {
                using HttpResponseMessage taken = await gateway.Capture([Events.Event("$pageview", "somebody")]);
                return taken.StatusCode == HttpStatusCode.OK;
            },
            "ready, but takes nothing",
            Bound);

        Signals.Kill9(cluster["silo-1"].Pid);
        await Becomes(cluster, "gateway-1", "ready", HttpStatusCode.ServiceUnavailable);
        Assert.Equal(HttpStatusCode.OK, await cluster.Answer("gateway-1", "live"));

        async Task Both(HttpStatusCode status)
        {
            await Becomes(cluster, "gateway-1", "ready", status);
            await Becomes(cluster, "silo-1", "ready", status);
        }
    }

    private static Task Becomes(RoleCluster cluster, string member, string what, HttpStatusCode status) => Wait.For(
        async () => await cluster.Health(member, what) == status,
        () => $"{member} does not become {status} of {what}.{Environment.NewLine}{cluster[member].Output}",
        Bound);
}
