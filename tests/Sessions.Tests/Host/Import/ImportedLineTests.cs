using System.Text;
using Sessions.Host;
using Sessions.Host.Import;

namespace Sessions.Tests.Host.Import;

public sealed class ImportedLineTests
{
    private const string Page =
        "203.0.113.7 - - [10/Oct/2026:13:55:36 +0200] \"GET /shoes?utm_source=news&gclid=g1&q=secret HTTP/1.1\" 200 2326 \"https://www.google.com/\" \"Mozilla/5.0 \\\"odd\\\"\"";

    private static readonly AccessLogLine Log = new(new Uri("https://shop.example"), [1, 2, 3]);

    [Fact]
    public void A_page_in_an_access_log_becomes_a_pageview_of_a_visitor_without_an_address()
    {
        ImportedLine line = Log.Read(Page, 0);

        Assert.Equal(new DateTimeOffset(2026, 10, 10, 11, 55, 36, TimeSpan.Zero), line.Time);
        Assert.Equal("$pageview", (string?)line.Event!["event"]);
        Assert.Equal("https://shop.example/shoes?utm_source=news&gclid=g1&q=secret", (string?)line.Event["properties"]!["$current_url"]);
        Assert.Equal("news", (string?)line.Event["properties"]!["utm_source"]);
        Assert.Equal("g1", (string?)line.Event["properties"]!["gclid"]);
        Assert.Equal("www.google.com", (string?)line.Event["properties"]!["$referring_domain"]);
        Assert.Equal("Mozilla/5.0 \"odd\"", (string?)line.Event["properties"]!["$raw_user_agent"]);
        Assert.StartsWith("log-", (string?)line.Event["distinct_id"], StringComparison.Ordinal);
        Assert.DoesNotContain("203.0.113.7", line.Event.ToJsonString(), StringComparison.Ordinal);
    }

    [Fact]
    public void The_same_line_at_the_same_place_is_the_same_event_and_at_another_place_another()
    {
        Assert.Equal((string?)Log.Read(Page, 5).Event!["uuid"], (string?)Log.Read(Page, 5).Event!["uuid"]);
        Assert.NotEqual((string?)Log.Read(Page, 5).Event!["uuid"], (string?)Log.Read(Page, 6).Event!["uuid"]);
        Assert.Equal((string?)Log.Read(Page, 5).Event!["distinct_id"], (string?)Log.Read(Page, 6).Event!["distinct_id"]);
    }

    [Theory]
    [InlineData("an asset", "\"GET /a/b.CSS HTTP/1.1\" 200", "no_page")]
    [InlineData("a form that was sent", "\"POST /buy HTTP/1.1\" 200", "no_page")]
    [InlineData("a page that is not there", "\"GET /x HTTP/1.1\" 404", "no_page")]
    [InlineData("a redirect", "\"GET /x HTTP/1.1\" 301", "no_page")]
    [InlineData("garbage", "\"\\x16\\x03\" 400", "no_log_line")]
    public void What_is_no_page_is_left_out_with_a_reason(string what, string request, string reason)
    {
        ImportedLine line = Log.Read($"203.0.113.7 - - [10/Oct/2026:13:55:36 +0200] {request} 1 \"-\" \"curl\"", 0);

        Assert.True(line.Event is null, what);
        Assert.Equal(reason, line.Skipped);
    }

    [Theory]
    [InlineData("""{"uuid":"0190c0de-0000-7000-8000-000000000001","event":"buy","distinct_id":"ada","timestamp":"2026-01-02T03:04:05.678Z","properties":{"a":1}}""")]
    [InlineData("""{"uuid":"0190c0de-0000-7000-8000-000000000001","event":"buy","distinct_id":"ada","timestamp":"2026-01-02 03:04:05.678","properties":"{\"a\":1}"}""")]
    public void An_exported_event_keeps_what_it_has(string json)
    {
        ImportedLine line = ExportLine.Read(json, 7);

        Assert.Equal("0190c0de-0000-7000-8000-000000000001", (string?)line.Event!["uuid"]);
        Assert.Equal("ada", (string?)line.Event["distinct_id"]);
        Assert.Equal(1, (int?)line.Event["properties"]!["a"]);
        Assert.Equal(new DateTimeOffset(2026, 1, 2, 3, 4, 5, 678, TimeSpan.Zero), line.Time);
    }

    [Theory]
    [InlineData("{broken", "no_json")]
    [InlineData("[1]", "not_an_object")]
    [InlineData("""{"event":"x","distinct_id":"y"}""", "no_timestamp")]
    public void An_exported_line_without_an_event_is_left_out_with_a_reason(string line, string reason)
    {
        Assert.Equal(reason, ExportLine.Read(line, 0).Skipped);
    }

    [Fact]
    public async Task Lines_know_their_places()
    {
        byte[] text = Encoding.UTF8.GetBytes("eins\r\nzwölf\n\nlast");
        using LineReader lines = new(new MemoryStream(text), 0);
        List<(string? Line, long Next)> read = [];

        while (await lines.Read(CancellationToken.None) is { } line)
        {
            read.Add((line, lines.Offset));
        }

        Assert.Equal([("eins", 6), ("zwölf", 13), ("", 14), ("last", 18)], read);
    }

    [Theory]
    [InlineData("import")]
    [InlineData("import a b")]
    [InlineData("import a --project")]
    [InlineData("import a --project Not-One")]
    [InlineData("import a --bananas b")]
    public void Arguments_of_an_import_that_make_no_sense_are_refused(string arguments)
    {
        Assert.IsType<Invocation.Wrong>(CommandLine.Parse(arguments.Split(' ')));
    }

    [Fact]
    public void An_import_takes_its_options()
    {
        Assert.Equal(
            new Invocation.Import { File = "f", Project = "shop", Data = "d", Site = "https://x.org" },
            CommandLine.Parse(["import", "--data", "d", "f", "--project", "shop", "--site", "https://x.org"]));
    }
}
