using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Sessions.SystemTests.Harness;
using Sessions.SystemTests.Replay;

namespace Sessions.SystemTests.Operations;

/// <summary>The metrics of the cluster that the whole suite uses.</summary>
public sealed partial class MetricsTests(SharedCluster shared)
{
    // An idle session has to end first.
    private static readonly TimeSpan Bound = TimeSpan.FromMinutes(3);

    /// <summary>What docs/operations.md promises to those who watch.</summary>
    private static readonly string[] Promised =
    [
        "sessions_build_info",
        "sessions_capture_events_total",
        "sessions_capture_in_hand_bytes",
        "sessions_live",
        "sessions_expiry_lag_seconds_count",
        "sessions_journal_batch_duration_seconds_count",
        "sessions_journal_queue_size_bytes",
        "sessions_checkpoint_lag_seconds",
        "sessions_checkpoint_waiting",
        "sessions_postgres_frozen_age",
        "sessions_postgres_oldest_transaction_seconds",
        "orleans_catalog_activations",
        "db_client_connection_count",
        "db_client_operation_duration_seconds_count",
        "http_server_request_duration_seconds_count",
        "dotnet_process_memory_working_set_bytes",
    ];

    [Theory]
    [InlineData("X-Forwarded-For", "203.0.113.9")]
    [InlineData("Via", "1.1 proxy")]
    [InlineData("Host", "sessions.example.org")]
    public async Task A_request_through_a_proxy_or_under_another_name_gets_no_metrics(string header, string value)
    {
        Cluster cluster = await shared.Started;
        using HttpClient outside = new();
        using HttpRequestMessage request = new(HttpMethod.Get, Assert.Single(cluster.Ready.Metrics).Address);
        request.Headers.TryAddWithoutValidation(header, value);

        using HttpResponseMessage answer = await outside.SendAsync(request);

        Assert.Equal(System.Net.HttpStatusCode.NotFound, answer.StatusCode);
    }

    [Fact]
    public async Task Metrics_count_the_traffic_and_the_Grafana_dashboard_uses_only_existing_metrics()
    {
        Cluster cluster = await shared.Started;
        using Gateway gateway = cluster.Gateway();
        using HttpClient prometheus = new();
        Uri address = Assert.Single(cluster.Ready.Metrics).Address;
        string person = Events.NewDistinctId("metrics");
        JsonObject twice = Events.Event("$pageview", person, Events.NewSessionId());
        var before = MetricSums.Of(await prometheus.GetStringAsync(address));

        await Send(gateway, twice);
        await Send(gateway, twice);
        await Record(gateway, person);
        using HttpResponseMessage dropped = await gateway.Capture([Events.Event("", person)]);
        (await gateway.Ask(HttpMethod.Post, $"/api/devices/{person}/reset")).Dispose();
        await Send(gateway, Events.Event("$pageview", Events.NewDistinctId("idles"), Events.NewSessionId()));

        Dictionary<string, double> now = [];
        await Wait.ForNothingWrong(
            async () =>
            {
                now = MetricSums.Of(await prometheus.GetStringAsync(address));
                return
                [
                    .. Missing("""sessions_events_total{outcome="new"}""", 2),
                    .. Missing("""sessions_events_total{outcome="duplicate"}""", 1),
                    .. Missing("""sessions_capture_dropped_total{reason="missing_event_name"}""", 1),
                    .. Missing("sessions_started_total", 2),
                    .. Missing("""sessions_ended_total{reason="reset"}""", 1),
                    .. Missing("""sessions_ended_total{reason="idle"}""", 1),
                    .. Missing("sessions_journal_batch_entries_count", 2),
                    .. Missing("sessions_replay_stored_bytes_total", 1),
                    .. Promised.Except(now.Keys.Select(NameOf)).Select(name => $"nobody counts {name}"),
                    .. DashboardNames().Except(now.Keys.Select(NameOf)).Select(name => $"the dashboard asks for {name}, which nobody counts"),
                ];
            },
            "the metrics are not right:",
            Bound);

        IEnumerable<string> Missing(string series, double more) =>
            now.GetValueOrDefault(series) - before.GetValueOrDefault(series) >= more ? [] : [$"{series} did not rise by {more}"];
    }

    [Fact]
    public async Task Metrics_have_no_personal_data()
    {
        Cluster cluster = await shared.Started;
        using Gateway gateway = cluster.Gateway();
        using HttpClient prometheus = new();
        string person = Events.NewDistinctId("secret");
        await Send(gateway, Events.Event("$pageview", person));
        await gateway.LiveSession(person);

        string metrics = await prometheus.GetStringAsync(cluster.Ready.Metrics[0].Address);

        Assert.DoesNotContain(person, metrics, StringComparison.Ordinal);
        Assert.DoesNotContain(person, await cluster.WholeOutput(), StringComparison.Ordinal);
    }

    private static async Task Record(Gateway gateway, string person)
    {
        JsonObject snapshot = Events.Event("$snapshot", person, Events.NewSessionId());
        snapshot["properties"]!["$snapshot_data"] = new JsonArray(new JsonObject
        {
            ["type"] = 4,
            ["timestamp"] = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds(),
            ["data"] = new JsonObject { ["href"] = "https://shop.example/", ["width"] = 800, ["height"] = 600 },
        });
        using HttpResponseMessage answer = await gateway.Record(TestContext.Current.CancellationToken, snapshot);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
    }

    /// <summary>As an SDK does: again when the answer is 503.</summary>
    private static Task Send(Gateway gateway, JsonObject happened) => Wait.For(
        async () =>
        {
            using HttpResponseMessage answer = await gateway.Capture([happened]);
            return answer.IsSuccessStatusCode;
        },
        "an event was not taken",
        Bound);

    private static string[] DashboardNames()
    {
        string text = File.ReadAllText(Path.Combine(Repository.Root, "silo-config", "grafana", "sessions.json"));
        string[] names =
        [
            .. JsonNode.Parse(text)!["panels"]!.AsArray()
                .SelectMany(panel => panel!["targets"]!.AsArray())
                .SelectMany(target => MetricName().Matches(Grouping().Replace((string)target!["expr"]!, "")).Select(match => match.Value))
                .Distinct(),
        ];
        Assert.True(names.Length > 10, "The dashboard's metrics were not recognised.");
        return names;
    }

    private static string NameOf(string series) => series.Split('{')[0];

    [GeneratedRegex(@"\b(sessions|orleans|http|db|dotnet)_[a-z_]+")]
    private static partial Regex MetricName();

    [GeneratedRegex(@"by \([^)]*\)")]
    private static partial Regex Grouping();
}
