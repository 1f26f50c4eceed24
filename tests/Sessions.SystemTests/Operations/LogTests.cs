using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Sessions.SystemTests.Harness;

namespace Sessions.SystemTests.Operations;

/// <summary>The processes' logs, also while everything fails.</summary>
[Collection(Lane.Started)]
public sealed class LogTests
{
    private static readonly TimeSpan Bound = TimeSpan.FromMinutes(2);

    [Fact]
    public async Task Log_lines_are_json_objects_without_personal_data_even_during_failures()
    {
        string mark = $"{Guid.NewGuid():N}"[..12];
        string[] people = [.. Enumerable.Range(0, 6).Select(n => $"person {n} of {mark}, <p{n}@{mark}.example>")];
        await using OwnPostgres postgres = await OwnPostgres.Launch();
        await using RoleCluster cluster = new(
            "logs", postgres.ConnectionString(database: "sessions"), new Dictionary<string, string> { ["Telemetry__LogFormat"] = "Json" });
        await cluster.Migrate();
        await cluster.Start(["silo-1", "silo-2", "gateway-1"]);
        using Gateway gateway = cluster.Gateway("gateway-1");
        string session = Events.NewSessionId();

        // Afterwards the gateway knows the silos.
        await gateway.Track(Events.Event("$pageview", Events.NewDistinctId("first")));
        await Everybody(HttpStatusCode.OK);
        using (HttpResponseMessage nonsense = await gateway.Post("/batch/", new StringContent($$"""{"api_key":"{{gateway.Token}}","batch":[{"event":"","distinct_id":"{{people[0]}}"}]}""", Encoding.UTF8)))
        {
            Assert.Equal(HttpStatusCode.BadRequest, nonsense.StatusCode);
        }

        // Calls on their way to a silo that is killed, and to a Postgres that is frozen, then gone.
        Signals.Freeze(cluster["silo-1"].Pid);
        Task stuck = Everybody(null);
        await Wait.For(async () => await cluster.Health("silo-2", "ready") is not null, "the other silo is there", Bound);
        Signals.Kill9(cluster["silo-1"].Pid);
        await stuck;
        await Everybody(null);
        await postgres.Kill9();
        await Everybody(null);
        await Wait.For(async () => await cluster.Health("gateway-1", "ready") == HttpStatusCode.ServiceUnavailable, "ready without Postgres", Bound);
        await Everybody(null);
        await postgres.StartAgain();
        await cluster["gateway-1"].Stop();
        await cluster["silo-2"].Stop();

        foreach (string member in (string[])["silo-1", "silo-2", "gateway-1"])
        {
            string[] lines = (await cluster[member].WholeOutput()).Split('\n', StringSplitOptions.RemoveEmptyEntries);
            Assert.Contains(lines, line => line.Contains("Orleans.Sessions", StringComparison.Ordinal));
            foreach (string line in lines.Where(line => line != "ready"))
            {
                Assert.False(line.Contains(mark, StringComparison.Ordinal), $"{member} names somebody: {line}");
                Assert.False(line.Contains(session, StringComparison.OrdinalIgnoreCase), $"{member} names a session: {line}");
                Assert.NotNull(JsonNode.Parse(line)?["level"]);
            }
        }

        Assert.Contains("could not be answered now", await cluster["gateway-1"].WholeOutput(), StringComparison.Ordinal);

        // Each sends, is looked up and is reset.
        async Task Everybody(HttpStatusCode? expected)
        {
            await Task.WhenAll(people.Select(async (person, at) =>
            {
                using HttpResponseMessage taken = await gateway.Capture([Events.Event("$pageview", person, at == 0 ? session : null)]);
                Assert.True(taken.StatusCode == (expected ?? taken.StatusCode), $"{taken.StatusCode}");
                string path = $"/api/devices/{Uri.EscapeDataString(person)}";
                (await gateway.Ask(HttpMethod.Get, path)).Dispose();
                (await gateway.Ask(HttpMethod.Get, $"/api/sessions/{session}")).Dispose();
                (await gateway.Ask(HttpMethod.Post, $"{path}/reset")).Dispose();
            }));
        }
    }
}
