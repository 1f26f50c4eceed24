using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using Npgsql;
using Sessions.SystemTests.Harness;

namespace Sessions.SystemTests.Operations;

/// <summary>The import of past events with <c>./run import</c>.</summary>
[Collection(Lane.Shared)]
public sealed class ImportTests(SharedCluster shared)
{
    private const int Events = 1_200;
    private const int EventsInASession = 3;

    // So long that it matters to no other test.
    private const int DaysSince1972 = 20_000;
    private static readonly TimeSpan Bound = TimeSpan.FromMinutes(3);
    private static readonly DateTimeOffset Begin = new(2025, 3, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task Imported_events_make_past_sessions_and_count_once_however_often_they_are_imported()
    {
        Cluster cluster = await shared.Started;
        using TempFolder folder = new();
        string person = Harness.Events.NewDistinctId("imported");
        string file = Path.Combine(folder.Path, "export.ndjson");
        // Every three events are a visit, an hour after the one before.
        await File.WriteAllLinesAsync(file, [.. Enumerable.Range(0, Events).Select(n => Line(n, person)), "{ no json"]);

        string first = await ImportCommand.Run(cluster, file);
        Directory.Delete(Path.Combine(cluster.Data, "imports"), recursive: true);
        await ImportCommand.Run(cluster, file);
        string third = await ImportCommand.Run(cluster, file);

        Assert.Contains("1,200 events are in project default", first, StringComparison.Ordinal);
        Assert.Contains("1 left out: no_json", first, StringComparison.Ordinal);
        Assert.Contains("continuing where an earlier import", third, StringComparison.Ordinal);
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

    [Fact]
    public async Task A_killed_import_resumes_where_it_was_and_each_event_counts_once()
    {
        const int Many = 20_000;
        Cluster cluster = await shared.Started;
        using TempFolder folder = new();
        string person = Harness.Events.NewDistinctId("killed-import");
        string file = Path.Combine(folder.Path, "export.ndjson");
        await File.WriteAllLinesAsync(file, Enumerable.Range(0, Many).Select(n => Line(n, person)));

        using (Process killed = ImportCommand.Start(cluster, file))
        {
            Task<string> bar = FirstProgress(killed);
            Assert.Matches(@"^\[#*\.*\] +\d+ %  [\d,]+ events$", await bar.WaitAsync(Bound));
            killed.Kill();
            await killed.WaitForExitAsync();
        }

        string second = await ImportCommand.Run(cluster, file);

        Assert.Contains("continuing where an earlier import", second, StringComparison.Ordinal);
        Assert.Contains("20,000 events are in project default", second, StringComparison.Ordinal);
        await Wait.ForNothingWrong(
            async () =>
            {
                await using NpgsqlCommand count = cluster.Reader.CreateCommand("select count(*), count(distinct event_id) from events where distinct_id = $1");
                count.Parameters.Add(new() { Value = person });
                await using NpgsqlDataReader row = await count.ExecuteReaderAsync();
                await row.ReadAsync();
                (long All, long Different) found = (row.GetInt64(0), row.GetInt64(1));
                return found == (Many, Many) ? [] : [$"{found}"];
            },
            "the events are not there once each:",
            Bound);
    }

    [Fact]
    public async Task An_access_log_gives_its_visitors_sessions_and_another_file_with_the_same_name_is_imported_too()
    {
        Cluster cluster = await shared.Started;
        using TempFolder folder = new();
        string site = $"https://{Guid.NewGuid():N}.example";
        string file = Path.Combine(folder.Path, "access.log");
        await File.WriteAllTextAsync(file, $"""
            203.0.113.7 - - [10/Mar/2025:13:55:36 +0200] "GET /shoes?utm_source=news HTTP/1.1" 200 2326 "https://www.google.com/" "Mozilla/5.0 (X11; Linux x86_64) Firefox/130.0"
            203.0.113.7 - - [10/Mar/2025:13:55:56 +0200] "GET /style.css HTTP/1.1" 200 99 "-" "Mozilla/5.0 (X11; Linux x86_64) Firefox/130.0"
            203.0.113.7 - - [10/Mar/2025:13:56:16 +0200] "GET /cart HTTP/1.1" 200 2326 "-" "Mozilla/5.0 (X11; Linux x86_64) Firefox/130.0"
            203.0.113.8 - - [10/Mar/2025:13:58:00 +0200] "GET / HTTP/1.1" 200 2326 "-" "Mozilla/5.0 (X11; Linux x86_64) Firefox/130.0"
            {new string('x', 5 * 1024 * 1024)}

            """);

        string first = await ImportCommand.Run(cluster, file, "--site", site);
        await File.WriteAllTextAsync(file, $"""
            203.0.113.9 - - [11/Mar/2025:13:58:00 +0200] "GET /{new string('p', 300)} HTTP/1.1" 200 2326 "-" "Mozilla/5.0 (X11; Linux x86_64) Firefox/130.0"
            {new string('y', 6 * 1024 * 1024)}

            """);
        string another = await ImportCommand.Run(cluster, file, "--site", site);

        Assert.Contains("3 events are in project default", first, StringComparison.Ordinal);
        Assert.Contains("1 left out: no_page", first, StringComparison.Ordinal);
        Assert.Contains("1 left out: too_large", first, StringComparison.Ordinal);
        Assert.Contains("1 events are in project default", another, StringComparison.Ordinal);
        await Wait.ForNothingWrong(
            async () =>
            {
                await using NpgsqlCommand select = cluster.Reader.CreateCommand(
                    "select entry_pathname, exit_pathname, pageview_count, entry_utm_source from sessions where entry_hostname = $1 order by start_timestamp");
                select.Parameters.Add(new() { Value = new Uri(site).Host });
                await using NpgsqlDataReader rows = await select.ExecuteReaderAsync();
                List<string> found = [];
                while (await rows.ReadAsync())
                {
                    string[] paths = [$"{rows[0]}", $"{rows[1]}"];
                    found.Add($"{string.Join(' ', paths.Select(path => path[..Math.Min(path.Length, 8)]))} {rows[2]} {rows[3]}".Trim());
                }

                return found is ["/shoes /cart 2 news", "/ / 1", "/ppppppp /ppppppp 1"] ? [] : found.Count == 0 ? ["none"] : found;
            },
            "the log's sessions are not right:",
            Bound);
    }

    [Fact]
    public async Task Known_lines_count_once_in_a_longer_file_in_a_compressed_one_and_in_one_that_has_them_twice()
    {
        Cluster cluster = await shared.Started;
        using TempFolder folder = new();
        using OwnProject project = await OwnProject.Create(cluster);
        string[] lines =
        [
            .. Enumerable.Range(0, 30).Select(n =>
                $"203.0.113.{n / 10} - - [10/Mar/2025:13:{n:00}:36 +0200] \"GET /{n} HTTP/1.1\" 200 2326 \"-\" \"Mozilla/5.0 (X11; Linux x86_64) Firefox/130.0\""),
        ];
        // Somebody has reloaded.
        lines = [.. lines[..7], lines[6], .. lines[7..]];
        string[][] files = [lines[..20], lines, [.. lines[10..], .. lines[..15]]];
        foreach (string[] one in files)
        {
            string file = Path.Combine(folder.Path, $"{one.Length}.log");
            await File.WriteAllLinesAsync(file, one);
            await ImportCommand.Run(cluster, file, "--project", project.Id, "--site", "https://shop.example");
            await using (FileStream zipped = File.Create(file + ".1"))
            await using (System.IO.Compression.GZipStream zip = new(zipped, System.IO.Compression.CompressionLevel.Fastest))
            {
                await zip.WriteAsync(await File.ReadAllBytesAsync(file));
            }

            await ImportCommand.Run(cluster, file + ".1", "--project", project.Id, "--site", "https://shop.example");
        }

        IReadOnlyList<JsonObject> sessions = await project.SessionsWith(lines.Length);
        Assert.Equal(["10", "10", "11"], sessions.Select(session => session["$event_count"]!.ToString()).Order());
    }

    [Fact]
    public async Task A_log_that_grows_during_the_import_is_imported_up_to_its_last_complete_line()
    {
        Cluster cluster = await shared.Started;
        using TempFolder folder = new();
        using OwnProject project = await OwnProject.Create(cluster);
        string file = Path.Combine(folder.Path, "access.log");
        string[] lines = [.. Enumerable.Range(0, 3).Select(n =>
            $"203.0.113.7 - - [10/Mar/2025:13:55:3{n} +0200] \"GET /{n} HTTP/1.1\" 200 2326 \"-\" \"Mozilla/5.0 (X11; Linux x86_64) Firefox/130.0\"\n")];
        await File.WriteAllTextAsync(file, lines[0] + lines[1][..^20]);

        string first = await ImportCommand.Run(cluster, file, "--project", project.Id, "--site", "https://shop.example");
        await File.AppendAllTextAsync(file, lines[1][^20..] + lines[2]);
        string second = await ImportCommand.Run(cluster, file, "--project", project.Id, "--site", "https://shop.example");

        Assert.Contains("1 events are in project", first, StringComparison.Ordinal);
        Assert.Contains("1 left out: cut_off (the file ends within it", first, StringComparison.Ordinal);
        Assert.Contains("3 events are in project", second, StringComparison.Ordinal);
        Assert.DoesNotContain("left out", second, StringComparison.Ordinal);
        Assert.Equal("3", Assert.Single(await project.SessionsWith(3))["$event_count"]!.ToString());
    }

    [Fact]
    public async Task A_file_with_events_older_than_the_retention_gives_a_warning()
    {
        Cluster cluster = await shared.Started;
        using Gateway gateway = cluster.Gateway();
        using TempFolder folder = new();
        string file = Path.Combine(folder.Path, "old.ndjson");
        await File.WriteAllTextAsync(file, new JsonObject
        {
            ["event"] = "$pageview",
            ["distinct_id"] = "ancient",
            ["timestamp"] = "1970-01-02T00:00:00Z",
        }.ToJsonString());
        await Keep(gateway, DaysSince1972);
        try
        {
            string said = await ImportCommand.Run(cluster, file);

            Assert.Contains($"begins before the {DaysSince1972} days", said, StringComparison.Ordinal);
            Assert.Contains("The whole file is older than the 20000 days", said, StringComparison.Ordinal);
            Assert.Contains("0 events are in project default", said, StringComparison.Ordinal);
        }
        finally
        {
            await Keep(gateway, null);
        }
    }

    private static async Task Keep(Gateway gateway, int? days)
    {
        using StringContent body = new($$"""{"retention_days":{{days?.ToString(CultureInfo.InvariantCulture) ?? "null"}}}""", System.Text.Encoding.UTF8, "application/json");
        using HttpResponseMessage answer = await gateway.Ask(HttpMethod.Put, "/api/project", body);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
    }

    private static async Task<string> FirstProgress(Process import)
    {
        string? line;
        do
        {
            line = await import.StandardError.ReadLineAsync();
        }
        while (line is not null && !line.StartsWith('['));
        return line ?? "";
    }

    private static string Line(int n, string person) => new JsonObject
    {
        ["uuid"] = Guid.CreateVersion7().ToString(),
        ["event"] = "$pageview",
        ["distinct_id"] = person,
        ["timestamp"] = (Begin + TimeSpan.FromHours(n / EventsInASession) + TimeSpan.FromSeconds(n % EventsInASession)).ToString("O"),
        ["properties"] = new JsonObject { ["$current_url"] = $"https://shop.example/{n}" },
    }.ToJsonString();

}
