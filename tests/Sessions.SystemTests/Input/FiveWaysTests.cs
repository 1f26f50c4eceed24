using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Npgsql;
using Sessions.SystemTests.Backends;
using Sessions.SystemTests.Harness;
using Sessions.SystemTests.Readers;

namespace Sessions.SystemTests.Input;

/// <summary>
/// The same history comes in by five ways: SDK requests, a batch, the import of an export, the import of an access log,
/// and the .NET client. Sessions depend on the facts and not on the way in which they came. Each way has its own
/// visitors and its own host; apart from these names the rows in SQL must be the same.
/// </summary>
[Collection(Lane.Shared)]
public sealed class FiveWaysTests(SharedCluster shared)
{
    private static readonly TimeSpan Bound = TimeSpan.FromMinutes(2);

    // The shared cluster's.
    private static readonly TimeSpan IdleTimeout = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Pageviews_give_the_same_sessions_by_all_five_ways()
    {
        Cluster cluster = await shared.Started;
        using Gateway gateway = cluster.Gateway();
        PageHistory history = new(seed: 17);
        Way[] ways = [.. ((string[])["request", "batch", "export", "log", "client"]).Select(kind => new Way(kind))];

        await SendRequests(gateway, history.Events(ways[0]));
        await gateway.Track([.. history.Events(ways[1])]);
        await ImportExport(cluster, history.Events(ways[2]));
        await ImportLog(cluster, history.LogLines(), ways[3].Site);
        await EventPipe.Track(cluster.ReadyFile, history.Events(ways[4]));

        int all = NaiveSessions.Cut(history.Readings, IdleTimeout).Count;
        string[] first = await SessionsOf(cluster, "entry_hostname = $1", ways[0].Host, ways[0], all);
        Assert.All(history.KnownSessions, line => Assert.Contains(first.SelectMany(visitor => visitor.Split('\n')), session => PageHistory.InShort(session) == line));
        foreach (Way way in ways)
        {
            // Who the log's visitors are is worked out of address and browser, so names can't be compared: groups can.
            Assert.Equal(first, await SessionsOf(cluster, "entry_hostname = $1", way.Host, way, all));
        }
    }

    [Fact]
    public async Task Screens_identified_users_and_named_sessions_are_the_same_by_every_way_that_supports_them()
    {
        Cluster cluster = await shared.Started;
        using Gateway gateway = cluster.Gateway();
        Way[] ways = [.. ((string[])["request", "batch", "export", "client"]).Select(kind => new Way(kind))];

        await SendRequests(gateway, AppHistory.Events(ways[0]));
        using HttpResponseMessage batch = await gateway.Capture(AppHistory.Events(ways[1]));
        Assert.Equal(HttpStatusCode.OK, batch.StatusCode);
        await ImportExport(cluster, AppHistory.Events(ways[2]));
        await EventPipe.Track(cluster.ReadyFile, AppHistory.Events(ways[3]));

        string[] first = await SessionsOf(cluster, "starts_with(device_id, $1)", ways[0].Name, ways[0], AppHistory.Sessions);
        foreach (Way way in ways[1..])
        {
            Assert.Equal(first, await SessionsOf(cluster, "starts_with(device_id, $1)", way.Name, way, AppHistory.Sessions));
        }
    }

    /// <summary>As SDKs in browsers send: a request for each moment of a visitor, one event as an object, several as an array.</summary>
    private static async Task SendRequests(Gateway gateway, IEnumerable<JsonObject> events)
    {
        foreach (var moment in events.GroupBy(e => ((string?)e["distinct_id"], (string?)e["timestamp"])))
        {
            JsonObject[] sent = [.. moment.Select(e => (JsonObject)e.DeepClone())];
            foreach (JsonObject e in sent)
            {
                e["properties"]!["token"] = gateway.Token;
            }

            string body = sent.Length == 1 ? sent[0].ToJsonString() : new JsonArray([.. sent]).ToJsonString();
            using StringContent content = new(body, Encoding.UTF8, "application/json");
            using HttpResponseMessage answer = await gateway.Post("/i/v0/e/", content);
            Assert.True(answer.StatusCode == HttpStatusCode.OK, await answer.Content.ReadAsStringAsync());
        }
    }

    private static async Task ImportExport(Cluster cluster, IEnumerable<JsonObject> events)
    {
        using TempFolder folder = new();
        string file = Path.Combine(folder.Path, "export.ndjson");
        await File.WriteAllLinesAsync(file, events.Select(e => e.ToJsonString()));
        Assert.DoesNotContain("left out", await ImportCommand.Run(cluster, file), StringComparison.Ordinal);
    }

    private static async Task ImportLog(Cluster cluster, IEnumerable<string> lines, string site)
    {
        using TempFolder folder = new();
        string file = Path.Combine(folder.Path, "access.log");
        await File.WriteAllLinesAsync(file, lines);
        Assert.DoesNotContain("left out", await ImportCommand.Run(cluster, file, "--site", site), StringComparison.Ordinal);
    }

    /// <summary>Each visitor's rows in the order of time, without what is the way's own.</summary>
    private static async Task<string[]> SessionsOf(Cluster cluster, string where, string value, Way way, int expected)
    {
        List<(string Visitor, DateTime Start, string Row)> rows = [];
        await Wait.For(
            async () =>
            {
                rows.Clear();
                await using NpgsqlCommand select = cluster.Reader.CreateCommand(
                    $"select distinct_id, start_timestamp, to_jsonb(sessions) - '{{session_id,distinct_id,device_id}}'::text[] from sessions where {where}");
                select.Parameters.Add(new() { Value = value });
                await using NpgsqlDataReader row = await select.ExecuteReaderAsync();
                while (await row.ReadAsync())
                {
                    rows.Add((row.GetString(0), row.GetDateTime(1), way.WithoutNames(row.GetString(2))));
                }

                return rows.Count >= expected && rows.TrueForAll(found => found.Row.Contains("\"ended\"", StringComparison.Ordinal));
            },
            () => $"{way.Name}: {rows.Count} of {expected} sessions:{Environment.NewLine}{string.Join(Environment.NewLine, rows.Select(row => row.Row).Order(StringComparer.Ordinal))}",
            Bound);
        return [.. rows
            .GroupBy(row => row.Visitor)
            .Select(visitor => string.Join('\n', visitor.OrderBy(row => row.Start).Select(row => row.Row)))
            .Order(StringComparer.Ordinal)];
    }
}
