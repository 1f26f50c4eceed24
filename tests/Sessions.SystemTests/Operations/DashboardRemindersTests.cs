using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Npgsql;
using Sessions.SystemTests.Harness;

namespace Sessions.SystemTests.Operations;

/// <summary>Orleans' dashboard with half a million reminders, as many as half a million live sessions have.</summary>
[Collection(Lane.Started)]
public sealed class DashboardRemindersTests
{
    private const int Reminders = 500_000;
    private const int Asked = 20;
    private const long Mebibyte = 1024 * 1024;
    private const int MostBytes = 1_000_000;
    private static readonly TimeSpan Quick = TimeSpan.FromSeconds(5);

    [Fact]
    public async Task The_reminder_page_with_half_a_million_reminders_is_limited_and_the_silos_memory_stays_flat()
    {
        await using OwnPostgres postgres = await OwnPostgres.Launch();
        // A heap that has no room for all of them.
        await using RoleCluster cluster = new(
            "reminders", postgres.ConnectionString(database: "sessions"), new Dictionary<string, string> { ["Memory__LimitMegabytes"] = "400" });
        await cluster.Migrate();
        await using (NpgsqlCommand fill = cluster.Owner.CreateCommand(
            """
            insert into orleans.orleansreminderstable (serviceid, grainid, remindername, starttime, period, grainhash, version)
            select 'sessions', 'device/default~visitor-' || n, 'idle', now() + interval '3 minutes' + n * interval '10 ms', 60000, hashint4(n), 0
            from   generate_series(1, $1) n
            """))
        {
            fill.CommandTimeout = 300;
            fill.Parameters.Add(new() { Value = Reminders });
            await fill.ExecuteNonQueryAsync();
        }

        await cluster.Start(["silo-1", "gateway-1"]);
        using HttpClient browser = new() { BaseAddress = cluster.Gateway("gateway-1").Address };
        using (HttpResponseMessage refused = await browser.GetAsync("/dashboard/Reminders/1"))
        {
            Assert.Equal("/signin", refused.RequestMessage!.RequestUri!.AbsolutePath);
        }

        Assert.Equal(HttpStatusCode.Forbidden, await AskedByAReader(cluster));
        (await browser.SignIn(RoleCluster.OperatorKey)).Dispose();
        JsonNode first = await Page(browser, 1);
        long before = Signals.ResidentBytes(cluster["silo-1"].Pid);
        long begun = Stopwatch.GetTimestamp();
        for (int n = 0; n < Asked; n++)
        {
            await Page(browser, n % 5);
        }

        Assert.InRange(Stopwatch.GetElapsedTime(begun) / Asked, TimeSpan.Zero, Quick * Load.Slowness);
        Assert.InRange(Signals.ResidentBytes(cluster["silo-1"].Pid) - before, long.MinValue, 100 * Mebibyte);
        Assert.InRange((int)first["count"]!, 1, 1_000);
        // Those that are due first.
        Assert.Equal("default~visitor-1", ((string)first["reminders"]![0]!["grainReference"]!).Split("device/")[^1]);
        using Gateway gateway = cluster.Gateway("gateway-1");
        await gateway.Track(Events.Event("$pageview", Events.NewDistinctId("meanwhile")));
    }

    /// <summary>What somebody is answered whose key may read, and no more.</summary>
    private static async Task<HttpStatusCode> AskedByAReader(RoleCluster cluster)
    {
        using Gateway gateway = cluster.Gateway("gateway-1");
        using HttpResponseMessage made = await gateway.Ask(HttpMethod.Post, "/api/project/keys", JsonContent.Create(new { name = "reads", role = "read" }));
        string key = (string)JsonNode.Parse(await made.Content.ReadAsStringAsync())!["key"]!;
        using HttpClient browser = new() { BaseAddress = gateway.Address };
        (await browser.SignIn(key)).Dispose();
        using HttpResponseMessage answer = await browser.GetAsync("/dashboard/Reminders/1");
        return answer.StatusCode;
    }

    private static async Task<JsonNode> Page(HttpClient browser, int number)
    {
        using HttpResponseMessage answer = await browser.GetAsync($"/dashboard/Reminders/{number}");
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        string text = await answer.Content.ReadAsStringAsync();
        Assert.InRange(text.Length, 1, MostBytes);
        return JsonNode.Parse(text)!;
    }
}
