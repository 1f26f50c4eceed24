using System.Diagnostics;
using System.Text.Json.Nodes;
using Npgsql;
using Sessions.SystemTests.Harness;

namespace Sessions.SystemTests.Operations;

/// <summary>Events of the past, as <c>./run import</c> brings them in.</summary>
[Collection(Lane.Shared)]
public sealed class ImportTests(SharedCluster shared)
{
    private const int Events = 1_200;
    private const int EventsInASession = 3;
    private static readonly TimeSpan Bound = TimeSpan.FromMinutes(3);
    private static readonly DateTimeOffset Begin = new(2025, 3, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task Imported_events_make_sessions_of_the_past_and_count_once_however_often_they_are_imported()
    {
        Cluster cluster = await shared.Started;
        using TempFolder folder = new();
        string person = Harness.Events.NewDistinctId("imported");
        string file = Path.Combine(folder.Path, "export.ndjson");
        // Every three events are a visit, an hour after the one before.
        await File.WriteAllLinesAsync(file, [.. Enumerable.Range(0, Events).Select(n => Line(n, person)), "{ no json"]);

        string first = await Import(cluster, file);
        Directory.Delete(Path.Combine(cluster.Data, "imports"), recursive: true);
        await Import(cluster, file);
        string third = await Import(cluster, file);

        Assert.Contains("1,200 events are in project default", first, StringComparison.Ordinal);
        Assert.Contains("1 left out: no_json", first, StringComparison.Ordinal);
        Assert.Contains("going on where an earlier import", third, StringComparison.Ordinal);
        await Wait.ForNothingWrong(
            async () =>
            {
                await using NpgsqlCommand count = cluster.Reader.CreateCommand(
                    "select count(*), sum(event_count), min(start_timestamp), bool_and(status = 'ended') from sessions where distinct_id = $1");
                count.Parameters.Add(new() { Value = person });
                await using NpgsqlDataReader row = await count.ExecuteReaderAsync();
                await row.ReadAsync();
                (long Sessions, long Events, DateTime Start, bool Ended) found = (
                    row.GetInt64(0), Convert.ToInt64(row.GetValue(1), null), row.GetDateTime(2), row.GetBoolean(3));
                return found == (Events / EventsInASession, Events, Begin.UtcDateTime, true) ? [] : [$"{found}"];
            },
            "the imported sessions are not right:",
            Bound);
    }

    private static string Line(int n, string person) => new JsonObject
    {
        ["uuid"] = Guid.CreateVersion7().ToString(),
        ["event"] = "$pageview",
        ["distinct_id"] = person,
        ["timestamp"] = (Begin + TimeSpan.FromHours(n / EventsInASession) + TimeSpan.FromSeconds(n % EventsInASession)).ToString("O"),
        ["properties"] = new JsonObject { ["$current_url"] = $"https://shop.example/{n}" },
    }.ToJsonString();

    private static async Task<string> Import(Cluster cluster, string file)
    {
        using Process run = RunProgram.Start(["import", file, "--data", cluster.Data]);
        Task<string> said = run.StandardOutput.ReadToEndAsync();
        Task<string> errors = run.StandardError.ReadToEndAsync();
        await run.WaitForExitAsync().WaitAsync(Bound);
        Assert.True(run.ExitCode == 0, $"{run.ExitCode}: {await said}{await errors}");
        return await said;
    }
}
