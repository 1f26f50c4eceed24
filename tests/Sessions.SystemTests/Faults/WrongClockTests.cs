using System.Net;
using System.Text.Json.Nodes;
using Npgsql;
using Sessions.SystemTests.Harness;

namespace Sessions.SystemTests.Faults;

/// <summary>
/// A silo on a machine with a wrong clock reports it, stores no wrong time, drops no event as too old, and doesn't keep
/// later silos from starting.
/// </summary>
[Collection(Lane.Started)]
public sealed class WrongClockTests
{
    [Theory]
    [InlineData("+400d", "ahead of")]
    [InlineData("-400d", "behind")]
    [InlineData("+1h", "ahead of")]
    public async Task A_silo_with_a_wrong_clock_is_not_ready_and_stores_no_wrong_times(string offset, string direction)
    {
        IReadOnlyDictionary<string, string> wrong = FakeTime.By(offset);
        await using OwnPostgres postgres = await OwnPostgres.Launch();
        await using RoleCluster cluster = new("wrong-clock", postgres.ConnectionString(database: "sessions"));
        await cluster.Migrate();
        RoleProcess silo = cluster.Begin("silo-1", settings: wrong);
        await silo.IsAtWork();
        cluster.Begin("gateway-1");
        await cluster.IsReady("gateway-1");

        Assert.Equal(HttpStatusCode.ServiceUnavailable, await cluster.Answer("silo-1", "ready"));
        Assert.Contains($"{direction} Postgres'. This process is not ready", silo.Output, StringComparison.Ordinal);
        Assert.Matches($@"sessions_clock_offset_seconds\{{[^}}]*\}} {(offset[0] == '-' ? "-" : "")}\d{{4,}}", await cluster.Metrics("silo-1"));

        using Gateway gateway = cluster.Gateway("gateway-1");
        string visitor = Events.NewDistinctId("clock");
        await gateway.Track(Events.Event("$pageview", visitor), Events.Event("$pageview", visitor));
        JsonObject? live = await gateway.LiveSession(visitor);
        Assert.Equal(2, (int)live!["$event_count"]!);
        await using (NpgsqlCommand command = cluster.Owner.CreateCommand(
            "select count(*) from tracking.journal where born = (now() at time zone 'utc')::date and received_at between now() - interval '5 minutes' and now() + interval '5 seconds'"))
        {
            Assert.Equal(2L, await command.ExecuteScalarAsync());
        }

        silo.Kill();
        cluster.Begin("silo-1");
        await cluster.IsReady("silo-1");
        await gateway.Track(Events.Event("$pageview", visitor));
        Assert.Equal((string)live["$session_id"]!, (string)(await gateway.LiveSession(visitor))!["$session_id"]!);
    }

    [Fact]
    public async Task A_gateway_with_a_wrong_clock_is_not_ready()
    {
        IReadOnlyDictionary<string, string> wrong = FakeTime.By("+2h");
        await using OwnPostgres postgres = await OwnPostgres.Launch();
        await using RoleCluster cluster = new("wrong-gateway-clock", postgres.ConnectionString(database: "sessions"));
        await cluster.Migrate();
        await cluster.Start(["silo-1"]);
        RoleProcess begun = cluster.Begin("gateway-1", settings: wrong);
        await begun.IsAtWork();

        using Gateway gateway = cluster.Gateway("gateway-1");
        string visitor = Events.NewDistinctId("clock");
        await gateway.Track(Events.Event("$pageview", visitor));
        JsonObject? live = await gateway.LiveSession(visitor);
        Assert.InRange(DateTimeOffset.Parse((string)live!["$start_timestamp"]!, null), DateTimeOffset.UtcNow.AddMinutes(-5), DateTimeOffset.UtcNow.AddMinutes(1));

        using HttpResponseMessage ready = await gateway.Ask(HttpMethod.Get, "/health/ready");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, ready.StatusCode);
        Assert.Contains("ahead of Postgres'", await ready.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }
}
