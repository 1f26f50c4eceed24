using System.Diagnostics;
using System.Globalization;
using System.IO.Compression;
using System.Text;
using System.Text.Json.Nodes;
using Sessions.SystemTests.Harness;

namespace Sessions.SystemTests.Operations;

/// <summary>
/// An export gives the same events in every format and however often it is imported: PostHog's in any form, and this
/// product's own.
/// </summary>
[Collection(Lane.Shared)]
public sealed class ImportedExportTests(SharedCluster shared)
{
    private const int Lines = 3_000;
    private static readonly DateTimeOffset Begin = new(2025, 3, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan Bound = TimeSpan.FromMinutes(1);

    [Fact]
    public async Task An_export_with_numeric_ids_and_times_is_imported_as_lines_as_an_array_and_compressed()
    {
        Cluster cluster = await shared.Started;
        using TempFolder folder = new();
        using OwnProject project = await OwnProject.Create(cluster);
        JsonObject[] events = [.. Enumerable.Range(0, 6).Select(n => new JsonObject
        {
            ["uuid"] = Guid.CreateVersion7().ToString(),
            ["event"] = "$pageview",
            ["distinct_id"] = 1_000 + (n / 3),
            ["timestamp"] = n % 2 == 0 ? Begin.AddMinutes(n).ToUnixTimeMilliseconds() : Begin.AddMinutes(n).ToString("yyyy-MM-dd HH:mm:ss.ffffff", CultureInfo.InvariantCulture),
            ["properties"] = new JsonObject { ["$current_url"] = $"https://shop.example/{n}" },
        })];
        string lines = string.Join('\n', events.Select(one => one.ToJsonString()));
        string array = new JsonArray([.. events.Select(one => one.DeepClone())]).ToJsonString(new() { WriteIndented = true });
        byte[] mark = [0xEF, 0xBB, 0xBF];

        Assert.Equal((6, 0), await Import("lines.ndjson", [.. mark, .. Encoding.UTF8.GetBytes(lines)]));
        Assert.Equal((6, 0), await Import("array.json", [.. mark, .. Encoding.UTF8.GetBytes(array)]));
        Assert.Equal((6, 0), await Import("odd.name", [.. Zip(mark), .. Zip(Encoding.UTF8.GetBytes(array))]));
        Assert.Equal((6, 0), await Import("lines.gz", [.. Zip(Encoding.UTF8.GetBytes(lines[..400])), .. Zip(Encoding.UTF8.GetBytes(lines[400..]))]));

        IReadOnlyList<JsonObject> sessions = await project.SessionsWith(6);
        Assert.Equal(
            ["1000 /0 /2 3 2025-03-01T12:00:00.000Z", "1001 /3 /5 3 2025-03-01T12:03:00.000Z"],
            sessions.Select(one => $"{one["distinct_id"]} {one["$entry_pathname"]} {one["$exit_pathname"]} {one["$event_count"]} {one["$start_timestamp"]}").Order());

        async Task<(int, int)> Import(string name, byte[] bytes)
        {
            string file = Path.Combine(folder.Path, name);
            await File.WriteAllBytesAsync(file, bytes);
            return Counted(await ImportCommand.Run(cluster, file, "--project", project.Id));
        }
    }

    [Fact]
    public async Task Cookieless_visitors_keep_the_ids_of_the_export_however_old_they_are()
    {
        Cluster cluster = await shared.Started;
        using TempFolder folder = new();
        using OwnProject project = await OwnProject.Create(cluster);
        string file = Path.Combine(folder.Path, "export.ndjson");
        string[] sessions = [.. Enumerable.Range(0, 3).Select(_ => Guid.CreateVersion7().ToString())];
        // Two of long ago and one of now: neither is too old, nor made one with the others.
        DateTimeOffset[] times = [Begin, Begin.AddMinutes(1), DateTimeOffset.UtcNow.AddMinutes(-5)];
        await File.WriteAllLinesAsync(file, Enumerable.Range(0, 6).Select(n => new JsonObject
        {
            ["uuid"] = Guid.CreateVersion7().ToString(),
            ["event"] = "$pageview",
            ["distinct_id"] = $"cookieless_v{n / 2}",
            ["timestamp"] = times[n / 2].AddSeconds(n).ToString("O"),
            ["properties"] = new JsonObject
            {
                ["$cookieless_mode"] = true,
                ["$device_id"] = $"cookielessd_v{n / 2}",
                ["$session_id"] = sessions[n / 2],
                ["$host"] = "shop.example",
                ["$current_url"] = "https://shop.example/",
            },
        }.ToJsonString()));

        string said = await ImportCommand.Run(cluster, file, "--project", project.Id);

        Assert.Equal((6, 0), Counted(said));
        Assert.Equal(
            Enumerable.Range(0, 3).Select(n => $"{sessions[n]} cookieless_v{n} cookielessd_v{n} 2").Order(),
            (await project.SessionsWith(6)).Select(one => $"{one["$session_id"]} {one["distinct_id"]} {one["device_id"]} {one["$event_count"]}").Order());
    }

    [Fact]
    public async Task The_products_own_export_counts_once_in_its_project_and_gives_another_project_the_same_sessions()
    {
        Cluster cluster = await shared.Started;
        using TempFolder folder = new();
        using OwnProject from = await OwnProject.Create(cluster);
        using OwnProject to = await OwnProject.Create(cluster);
        DateTimeOffset now = DateTimeOffset.UtcNow;
        string named = Guid.CreateVersion7().ToString();
        JsonObject Event(string name, string person, DateTimeOffset at, params (string Name, JsonNode? Value)[] properties) => new()
        {
            ["uuid"] = Guid.CreateVersion7().ToString(),
            ["event"] = name,
            ["distinct_id"] = person,
            ["timestamp"] = at.ToString("O"),
            ["properties"] = new JsonObject(properties.Select(one => KeyValuePair.Create(one.Name, one.Value))) { ["$current_url"] = "https://shop.example/a" },
        };
        await from.Gateway.Track(
            // Sessions that the server made, one of them long ago, and one that a client named.
            Event("$pageview", "ann", Begin), Event("$pageview", "ann", Begin.AddMinutes(10)), Event("buy", "ann", Begin.AddHours(2)),
            Event("$pageview", "bob", now.AddMinutes(-2), ("$session_id", named), ("$device_id", "d1"), ("$window_id", "w1")),
            Event("$pageview", "bob", now.AddMinutes(-1), ("$session_id", named), ("$device_id", "d1"), ("$ip", "81.2.69.160")),
            // A visitor without cookies, of whom the export has an id that was made here.
            Event("$pageview", "$posthog_cookieless", now.AddMinutes(-3), ("$cookieless_mode", true), ("$device_id", null)),
            // Somebody who was anonymous.
            Event("$pageview", "anon", now.AddHours(-3)), Event("$identify", "cid", now.AddHours(-3).AddMinutes(1), ("$anon_distinct_id", "anon")),
            Event("buy", "cid", now.AddHours(-3).AddMinutes(2)));
        // A client whose clock is an hour behind.
        using (HttpResponseMessage answer = await from.Gateway.Capture([Event("late", "dan", now.AddHours(-2))], sentAt: now.AddHours(-1)))
        {
            Assert.True(answer.IsSuccessStatusCode);
        }

        const int Events = 10;
        IReadOnlyList<JsonObject> before = await from.SessionsWith(Events);
        string export = await from.ExportText("events");
        string file = Path.Combine(folder.Path, "own.ndjson");
        await File.WriteAllTextAsync(file, export);

        Assert.Equal((Events, 0), Counted(await ImportCommand.Run(cluster, file, "--project", from.Id)));
        Assert.Equal((Events, 0), Counted(await ImportCommand.Run(cluster, file, "--project", to.Id)));

        Assert.Equal(Described(before), Described(await from.SessionsWith(Events)));
        Assert.Equal(Described(before), Described(await to.SessionsWith(Events)));
        Assert.Equal(OfEvents(await from.Export("events")), OfEvents(Parsed(export)));
        Assert.Equal(OfEvents(await to.Export("events")), OfEvents(Parsed(export)));

        static IEnumerable<JsonObject> Parsed(string lines) =>
            lines.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonNode.Parse(line)!.AsObject());
        static string Described(IEnumerable<JsonObject> sessions) => string.Join('\n', sessions.Select(one =>
            $"{one["$session_id"]} {one["$start_timestamp"]} {one["$end_timestamp"]} {one["$event_count"]} {one["distinct_id"]} {one["device_id"]}").Order());
        static string OfEvents(IEnumerable<JsonObject> events) => string.Join('\n', events.Select(one =>
            $"{one["event_id"]} {one["session_id"]} {one["timestamp"]} {one["event"]} {one["distinct_id"]} {one["device_id"]} {one["window_id"]}").Order());
    }

    [Fact]
    public async Task A_truncated_compressed_file_is_imported_up_to_there_with_a_message()
    {
        Cluster cluster = await shared.Started;
        using TempFolder folder = new();
        using OwnProject project = await OwnProject.Create(cluster);
        string file = Path.Combine(folder.Path, "export.gz");
        byte[] zipped = Zip(Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(0, Lines).Select(n => new JsonObject
        {
            ["uuid"] = Guid.CreateVersion7().ToString(),
            ["event"] = "buy",
            ["distinct_id"] = "ann",
            ["timestamp"] = Begin.AddSeconds(n).ToString("O"),
        }.ToJsonString() + "\n"))));
        await File.WriteAllBytesAsync(file, zipped[..^1_000]);

        (int code, string said, string errors) = await Ended(cluster, file, "--project", project.Id);

        Assert.Equal(1, code);
        Assert.Contains("is damaged or incomplete", errors, StringComparison.Ordinal);
        Assert.Contains("1 left out: cut_off", said, StringComparison.Ordinal);
        Assert.InRange(Counted(said).Taken, 1, Lines - 1);

        await File.WriteAllBytesAsync(file, zipped);
        Assert.Equal((Lines, 0), Counted(await ImportCommand.Run(cluster, file, "--project", project.Id)));
        await project.SessionsWith(Lines);
    }

    [Fact]
    public async Task A_file_in_another_encoding_gives_an_error_of_one_line()
    {
        Cluster cluster = await shared.Started;
        using TempFolder folder = new();
        string file = Path.Combine(folder.Path, "export.ndjson");
        await File.WriteAllTextAsync(file, """{"event":"x"}""", Encoding.Unicode);

        (int code, _, string errors) = await Ended(cluster, file);

        Assert.Equal(2, code);
        Assert.Contains("is UTF-16; convert it to UTF-8 text", errors, StringComparison.Ordinal);
        Assert.Single(errors.TrimEnd().Split('\n'));
    }

    private static async Task<(int Code, string Said, string Errors)> Ended(Cluster cluster, string file, params string[] options)
    {
        using Process run = ImportCommand.Start(cluster, file, options);
        Task<string> said = run.StandardOutput.ReadToEndAsync();
        Task<string> errors = run.StandardError.ReadToEndAsync();
        await run.WaitForExitAsync().WaitAsync(Bound);
        return (run.ExitCode, await said, await errors);
    }

    /// <summary>How many events are said to be there, and how many lines to be left out.</summary>
    private static (int Taken, int LeftOut) Counted(string said)
    {
        return (Sum(" events are in project"), Sum(" left out: "));

        int Sum(string words) => said.Split('\n')
            .Where(line => line.Contains(words, StringComparison.Ordinal))
            .Sum(line => int.Parse(line.Split(' ')[0], NumberStyles.AllowThousands, CultureInfo.InvariantCulture));
    }

    private static byte[] Zip(byte[] text)
    {
        using var zipped = new MemoryStream();
        using (var gzip = new GZipStream(zipped, CompressionLevel.Optimal))
        {
            gzip.Write(text);
        }

        return zipped.ToArray();
    }
}
