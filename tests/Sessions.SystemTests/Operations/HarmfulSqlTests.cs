using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Sessions.SystemTests.Harness;

namespace Sessions.SystemTests.Operations;

/// <summary>SQL that takes all the time and memory it gets, while others ask and events come.</summary>
public sealed class HarmfulSqlTests
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(11);

    // Far less than the ten seconds that a harmful query gets: others never wait for its end. They take a fraction of a second
    // on a quiet machine.
    private static readonly TimeSpan OthersBound = TimeSpan.FromSeconds(3);

    [Fact]
    public async Task Each_harmful_query_answers_504_in_time_and_others_are_answered_meanwhile()
    {
        await using Cluster cluster = await Cluster.Launch(new ClusterPlan
        {
            Name = "harmful-sql",
            Settings = new Dictionary<string, string>
            {
                ["Columns__Enabled"] = "true",
                ["Columns__MemoryMegabytes"] = "256",
                ["Columns__SqlMegabytes"] = "600",
            },
        });
        using Gateway gateway = cluster.Gateway();
        await gateway.Track(Events.Event("$pageview", "ann"), Events.Event("$pageview", "ben"));
        JsonArray expected = await Answered(gateway, "columns");

        foreach (string query in (string[])[
            "select repeat('x', 2000000000)",
            "select length(repeat('x', 2000000000))",
            "select list_sort(range(200000000))",
            "select levenshtein(repeat('a', 200000), repeat('b', 200000))",
            "select count(*) from json_tree(repeat('[', 700000) || repeat(']', 700000))",
            "select count(*) from range(1000000000) a, range(1000000000) b where a.range * b.range % 7 = 3"])
        {
            TimeSpan? took = null;
            TimeSpan slowestOther = default;
            Task<HttpResponseMessage> harmful = Harm();
            // The columns alone: Postgres would refuse some of these at once.
            async Task<HttpResponseMessage> Harm() => await Wait.For(
                async () =>
                {
                    long begun = Stopwatch.GetTimestamp();
                    HttpResponseMessage answer = await gateway.Ask(HttpMethod.Post, "/api/sql", JsonContent.Create(new { query, engine = "columns" }));
                    took = Stopwatch.GetElapsedTime(begun);
                    // The process that the query before has cost may be starting.
                    return answer.StatusCode == HttpStatusCode.ServiceUnavailable ? null : answer;
                },
                $"{query}: the columns did not come back",
                TimeSpan.FromMinutes(2));
            do
            {
                long asked = Stopwatch.GetTimestamp();
                using HttpResponseMessage answer = await Sql(gateway, "select count(*) as n from sessions");
                Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
                Assert.Equal(expected.ToJsonString(), JsonNode.Parse(await answer.Content.ReadAsStringAsync())!["rows"]!.ToJsonString());
                TimeSpan other = Stopwatch.GetElapsedTime(asked);
                slowestOther = other > slowestOther ? other : slowestOther;
                Assert.True(other < OthersBound * Load.Slowness, $"{query}: another question took {other}");
                await gateway.Track(Events.Event("$pageview", "ann"));
            }
            while (!harmful.IsCompleted);

            using HttpResponseMessage refused = await harmful;
            Assert.True(refused.StatusCode == HttpStatusCode.GatewayTimeout, $"{query}: {(int)refused.StatusCode} {await refused.Content.ReadAsStringAsync()}");
            // What a small question takes beside it, a refusal takes as well when the machine is busy.
            Assert.True(took < (Bound * Load.Slowness) + slowestOther, $"{query}: {took}");
            await Answered(gateway, "columns");
        }
    }

    /// <summary>Waits until this engine answers.</summary>
    private static Task<JsonArray> Answered(Gateway gateway, string engine) => Wait.For(
        async () =>
        {
            using HttpResponseMessage answer = await Sql(gateway, "select count(*) as n from sessions");
            JsonNode body = JsonNode.Parse(await answer.Content.ReadAsStringAsync())!;
            return (string?)body["engine"] == engine ? body["rows"]!.AsArray() : null;
        },
        () => $"{engine} did not answer",
        TimeSpan.FromMinutes(1));

    private static Task<HttpResponseMessage> Sql(Gateway gateway, string query) =>
        gateway.Ask(HttpMethod.Post, "/api/sql", JsonContent.Create(new { query }));
}
