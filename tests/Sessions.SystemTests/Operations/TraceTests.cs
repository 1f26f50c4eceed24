using Sessions.SystemTests.Backends;
using Sessions.SystemTests.Harness;

namespace Sessions.SystemTests.Operations;

/// <summary>One request is one trace, from its HTTP request through the grains to the statements of its commit.</summary>
[Collection(Lane.Started)]
public sealed class TraceTests
{
    private static readonly TimeSpan Bound = TimeSpan.FromMinutes(1);

    [Fact]
    public async Task A_trace_spans_a_request_or_a_backend_the_grains_and_Postgres_without_personal_data()
    {
        await using OtlpCollector collector = await OtlpCollector.Start();
        await using OwnPostgres postgres = await OwnPostgres.Launch();
        await using RoleCluster cluster = new("traces", postgres.ConnectionString(database: "sessions"), new Dictionary<string, string>
        {
            ["Telemetry__OtlpEndpoint"] = collector.Address,
            ["Telemetry__TraceShare"] = "1",
            ["OTEL_BSP_SCHEDULE_DELAY"] = "500",
            ["OTEL_METRIC_EXPORT_INTERVAL"] = "1000",
        });
        await cluster.Migrate();
        await cluster.Start(["silo-1", "gateway-1"]);
        using Gateway gateway = cluster.Gateway("gateway-1");
        string person = Events.NewDistinctId("traced");

        await gateway.Track(Events.Event("$pageview", person));
        (await gateway.Ask(HttpMethod.Get, $"/api/devices/{person}")).Dispose();

        await Is(collector, "POST /batch");
        using TempFolder folder = new();
        string access = Path.Combine(folder.Path, "ready.json");
        cluster.WriteAccess(access);
        using GameServer game = GameServer.Start(access, bots: 2, new Dictionary<string, string>
        {
            ["OTEL_EXPORTER_OTLP_ENDPOINT"] = collector.Address,
            ["OTEL_BSP_SCHEDULE_DELAY"] = "500",
        });
        await game.HavePlayed(2);
        await game.End();
        await Is(collector, "sessions.track");
        Assert.True(collector.Metrics > 0, "no metrics came");
        Assert.Empty(collector.Around(person));
    }

    /// <summary>Waits for a trace in which a statement in Postgres is part of a commit, of a grain's call, of what begins it.</summary>
    private static Task Is(OtlpCollector collector, string beginning) => Wait.ForNothingWrong(
        () =>
        {
            CollectedSpan[] all = [.. collector.Spans];
            bool isThere = all.Where(span => span.Source == "Npgsql").Select(span => Way(span, all)).Any(way =>
                way.Any(span => span.Name == "journal.commit")
                && way.Any(span => span.Name.Contains("IUserDeviceGrain", StringComparison.Ordinal))
                && way.Any(span => span.Name.StartsWith(beginning, StringComparison.Ordinal)));
            return Task.FromResult<IReadOnlyList<string>>(
                isThere
                    ? []
                    : [.. all.Where(span => span.Name == "journal.commit" || all.Any(above => above.Id == span.Parent && above.Name == "journal.commit"))
                        .Select(span => string.Join(" < ", Way(span, all).Select(one => $"{one.Source}: {one.Name}")))]);
        },
        $"no trace goes all the way from {beginning}:",
        Bound);

    /// <summary>A span and those above it, the first of its trace last.</summary>
    private static CollectedSpan[] Way(CollectedSpan span, CollectedSpan[] all)
    {
        List<CollectedSpan> way = [span];
        while (all.FirstOrDefault(one => one.Trace == span.Trace && one.Id == way[^1].Parent) is { } above)
        {
            way.Add(above);
        }

        return [.. way];
    }
}
