using System.Globalization;
using System.IO.Compression;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Time.Testing;
using Sessions.Run.Import;

namespace Sessions.Tests.Run.Import;

/// <summary>
/// An import that was interrupted resumes at that place: each event is sent in the file's order and with the same id,
/// however the file is written.
/// </summary>
public sealed class ImporterTests : IDisposable
{
    private const int Events = 2_600;

    private static readonly DateTimeOffset Begin = new(2025, 3, 10, 12, 0, 0, TimeSpan.Zero);

    private readonly string _folder = Directory.CreateTempSubdirectory("import-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("log")]
    [InlineData("lines")]
    [InlineData("array")]
    public async Task An_interrupted_import_resumes_and_gives_the_same_result(string kind)
    {
        byte[] text = Encoding.UTF8.GetBytes(kind switch
        {
            "log" => string.Concat(Enumerable.Range(0, Events).Select(n => Line(n) + "\n")),
            "lines" => string.Concat(Enumerable.Range(0, Events).Select(n => Exported(n).ToJsonString() + "\n")),
            _ => new JsonArray([.. Enumerable.Range(0, Events).Select(Exported)]).ToJsonString(new() { WriteIndented = true }),
        });
        string file = Path.Combine(_folder, "file");
        foreach (byte[] bytes in new[] { text, Zip(text) })
        {
            await File.WriteAllBytesAsync(file, bytes);
            var whole = new Gateway(failsAfter: int.MaxValue);
            ImportState at = await Import(file, "whole", whole);
            // Between two entries that are alike: a batch has 500.
            var first = new Gateway(failsAfter: 1);
            await Assert.ThrowsAsync<InvalidOperationException>(() => Import(file, "parts", first));
            var second = new Gateway(failsAfter: int.MaxValue);
            ImportState resumed = await Import(file, "parts", second);

            Assert.Equal(Events, whole.Taken.Distinct().Count());
            Assert.InRange(first.Taken.Count, 1, Events - 1);
            Assert.Equal(whole.Taken, first.Taken.Concat(second.Taken));
            Assert.Equal((Events, at.Offset), (resumed.Taken, resumed.Offset));
            Directory.Delete(Path.Combine(_folder, "whole"), recursive: true);
            Directory.Delete(Path.Combine(_folder, "parts"), recursive: true);
        }
    }

    [Fact]
    public async Task An_import_resumes_from_the_state_of_an_older_version()
    {
        string file = Path.Combine(_folder, "file");
        string begin = string.Concat(Enumerable.Range(0, 10).Select(n => Line(n) + "\n"));
        await File.WriteAllTextAsync(file, begin);
        await Import(file, "data", new Gateway(failsAfter: int.MaxValue));
        string noted = Directory.GetFiles(Path.Combine(_folder, "data", "imports")).Single();
        JsonObject state = JsonNode.Parse(await File.ReadAllTextAsync(noted))!.AsObject();
        foreach (string added in new[] { "Site", "BeginningLength", "RememberedFrom", "FirstContent" })
        {
            Assert.True(state.Remove(added));
        }

        await File.WriteAllTextAsync(noted, state.ToJsonString());
        await File.AppendAllTextAsync(file, Line(10) + "\n");
        var gateway = new Gateway(failsAfter: int.MaxValue);

        Assert.Equal(11, (await Import(file, "data", gateway)).Taken);
        Assert.Single(gateway.Taken);
    }

    [Fact]
    public async Task Lines_skipped_for_one_site_are_imported_for_another()
    {
        string file = Path.Combine(_folder, "file");
        await File.WriteAllTextAsync(file, $"shop.example:80 {Line(0)}\nblog.example:80 {Line(1)}\n");

        ImportState shop = await Import(file, "data", new Gateway(failsAfter: int.MaxValue));
        ImportState blog = await Import(file, "data", new Gateway(failsAfter: int.MaxValue), "https://blog.example");

        Assert.Equal((1, 1), (shop.Taken, shop.LeftOut["other_host"]));
        Assert.Equal((1, 1), (blog.Taken, blog.LeftOut["other_host"]));
    }

    [Fact]
    public async Task An_event_in_the_future_is_not_imported_with_the_time_of_the_import()
    {
        string file = Path.Combine(_folder, "file");
        await File.WriteAllTextAsync(file, $$"""{"event":"x","distinct_id":"y","timestamp":"{{Begin.AddYears(2):O}}"}""" + "\n");
        var gateway = new Gateway(failsAfter: int.MaxValue);

        ImportState state = await Import(file, "data", gateway);

        Assert.Empty(gateway.Taken);
        Assert.Equal("1 left out: in_the_future (its time is in the future, so a clock was wrong)", ImportSummary.Of(state, 0).Last());
    }

    private async Task<ImportState> Import(string path, string data, Gateway gateway, string site = "https://shop.example")
    {
        ImportFile file = ImportFile.LookAt(path);
        var seen = new Occurrences();
        bool isLog = file.Kind == FileKind.AccessLog;
        ReadEntry read = isLog ? new AccessLogLine(new Uri(site), [1], seen, dropsBots: true).Read : new ExportedEvent(seen).Read;
        using var http = new HttpClient(gateway) { BaseAddress = new Uri("http://gateway.example") };
        string folder = Path.Combine(_folder, data);
        var time = new FakeTimeProvider(Begin.AddYears(1));
        return await new Importer(read, seen, new ImportPost(http, "token", time), oldest: null, folder, time, (_, _) => { })
            .Run(file, ImportState.Load(folder, path, "shop", isLog ? new Uri(site).Authority : null), CancellationToken.None);
    }

    /// <summary>Every third line is like the one before, and some seconds have many lines.</summary>
    private static string Line(int n) =>
        $"203.0.113.7 - - [{Begin.AddSeconds(n / 300).ToString("dd/MMM/yyyy:HH:mm:ss", CultureInfo.InvariantCulture)} +0000] \"GET /{(n % 3 == 2 ? n - 1 : n)} HTTP/1.1\" 200 1 \"-\" \"{Imported.Firefox}\"";

    private static JsonObject Exported(int n) => new()
    {
        ["event"] = "x",
        ["distinct_id"] = "y",
        ["timestamp"] = Begin.AddSeconds(n / 300).ToString("O"),
        ["properties"] = new JsonObject { ["n"] = n % 3 == 2 ? n - 1 : n },
    };

    private static byte[] Zip(byte[] text)
    {
        using var zipped = new MemoryStream();
        using (var gzip = new GZipStream(zipped, CompressionLevel.Fastest))
        {
            gzip.Write(text);
        }

        return zipped.ToArray();
    }

    /// <summary>Takes events, and after some requests no more: it refuses, as one does that is being shut down for good.</summary>
    private sealed class Gateway(int failsAfter) : HttpMessageHandler
    {
        private int _requests;

        public List<string> Taken { get; } = [];

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            if (_requests++ == failsAfter)
            {
                return new HttpResponseMessage(HttpStatusCode.Unauthorized) { Content = new StringContent("no") };
            }

            JsonNode body = JsonNode.Parse(await request.Content!.ReadAsStringAsync(cancellationToken))!;
            Taken.AddRange(body["batch"]!.AsArray().Select(one => (string)one!["uuid"]!));
            return new HttpResponseMessage(HttpStatusCode.OK) { Content = new StringContent("""{"status":"Ok"}""") };
        }
    }
}
