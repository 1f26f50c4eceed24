using System.Net;
using System.Text;
using System.Text.Json.Nodes;

namespace Sessions.Tests.Web.Replay;

/// <summary>
/// rrweb shows a window in the size that its Meta event has, and shows nothing without a size. So each window gets a
/// size before its first picture, even when the recording has lost it or has a size of zero.
/// </summary>
public sealed class WindowSizeTests(TestGateway gateway) : IClassFixture<TestGateway>
{
    private readonly TestGateway.Project _project = gateway.NextProject();
    private readonly Guid _session = Guid.CreateVersion7();

    [Fact]
    public async Task A_full_snapshot_without_a_Meta_event_gets_the_default_size_and_raw_stays_as_received()
    {
        using HttpClient program = gateway.Program(_project.ApiKey);
        await Record(program, "w", Recording.Picture(1), Recording.Click(2));

        Assert.Equal(["w 1 1280x720", "w 1 picture", "w 2"], await Played(program));
        Assert.Equal(["w 1 picture", "w 2"], await Played(program, "?raw=true"));
    }

    [Fact]
    public async Task A_missing_window_size_is_taken_from_the_sessions_events_of_that_window()
    {
        using HttpClient program = gateway.Program(_project.ApiKey);
        await Capture(program, "other", 1, """ "$viewport_width":300,"$viewport_height":200 """);
        await Capture(program, "w", 2, """ "$viewport_width":"wide","$viewport_height":1 """);
        await Capture(program, "w", 3, """ "$viewport_width":0,"$viewport_height":0 """);
        await Capture(program, "w", 4, """ "$viewport_width":1011,"$viewport_height":702.5 """);
        await Record(program, "w", Recording.Picture(1), Recording.Click(2));
        await Record(program, "third", Recording.Picture(3));

        Assert.Equal(["w 1 1011x702.5", "w 1 picture", "w 2", "third 3 300x200", "third 3 picture"], await Played(program));
    }

    [Theory]
    [InlineData(4, """{"href":"https://shop.example/","width":640,"height":480}""")]
    [InlineData(3, """{"source":4,"width":640,"height":480}""")]
    public async Task A_missing_window_size_is_taken_from_the_windows_later_Meta_event(int type, string data)
    {
        using HttpClient program = gateway.Program(_project.ApiKey);
        await Record(program, "other", Recording.Page(0.5, "https://shop.example/"), Recording.Picture(0.5));
        await Record(program, "w", Recording.Click(0.7), Recording.Picture(1), Recording.Click(2));
        await Record(program, "w", Recording.Rrweb(3, type, data), Recording.Rrweb(4, type, data.Replace("640", "650", StringComparison.Ordinal)));

        Assert.Equal(
            ["other 0.5 800x600", "other 0.5 picture", "w 0.7", "w 1 640x480", "w 1 picture", "w 2", "w 3 640x480", "w 4 650x480"],
            await Played(program));
    }

    [Theory]
    [InlineData("""{"href":"https://shop.example/","width":0,"height":0}""")]
    [InlineData("""{"href":"https://shop.example/","width":-1,"height":600}""")]
    [InlineData("""{"href":"https://shop.example/","width":null,"height":"600"}""")]
    [InlineData("""{"href":"https://shop.example/"}""")]
    public async Task A_window_size_that_is_zero_or_invalid_is_replaced(string meta)
    {
        using HttpClient program = gateway.Program(_project.ApiKey);
        await Record(
            program,
            "w",
            Recording.Rrweb(1, 4, meta),
            Recording.Picture(1),
            Recording.Page(2, "https://shop.example/next"),
            Recording.Picture(2),
            Recording.Rrweb(3, 4, meta),
            Recording.Picture(3),
            Recording.Rrweb(4, 3, """{"source":4,"width":0,"height":0}"""));

        Assert.Equal(
            ["w 1 800x600", "w 1 picture", "w 2 800x600", "w 2 picture", "w 3 800x600", "w 3 picture", "w 4 800x600"],
            await Played(program));
        JsonArray[] lines = await program.Play(_session);
        Assert.Equal("https://shop.example/", (string)lines[0][1]!["data"]!["href"]!);
    }

    [Fact]
    public async Task The_snapshots_own_size_comes_first_and_an_unplayable_snapshot_is_left_out()
    {
        using HttpClient program = gateway.Program(_project.ApiKey);
        JsonObject sized = Recording.Picture(1);
        sized["data"]!["width"] = 390;
        sized["data"]!["height"] = 844;
        await Record(program, "w", sized, Recording.Page(2, "https://shop.example/"));
        await Record(program, "v", Recording.Rrweb(3, 2, """{"wires":[{"id":1,"width":10,"height":10}]}"""), Recording.Rrweb(3, 2, "\"x\""), Recording.Rrweb(3, 2, "null"));

        Assert.Equal(["w 1 390x844", "w 1 picture", "w 2 800x600"], await Played(program));
        Assert.Equal(["w 1 picture", "w 2 800x600", "v 3", "v 3", "v 3"], await Played(program, "?raw=true"));
    }

    [Fact]
    public async Task A_compressed_full_snapshot_gets_a_size_too()
    {
        using HttpClient program = gateway.Program(_project.ApiKey);
        JsonObject picture = Recording.Picture(1);
        picture["data"] = Recording.Zip(picture["data"]!.ToJsonString());
        picture["cv"] = "2024-10";
        await Record(program, "w", picture);

        Assert.Equal(["w 1 1280x720", "w 1 picture"], await Played(program));
    }

    [Fact]
    public async Task A_time_range_of_a_replay_starts_with_the_size_that_its_window_had_by_then()
    {
        using HttpClient program = gateway.Program(_project.ApiKey);
        await Record(program, "w", Recording.Page(1, "https://shop.example/"), Recording.Picture(1), Recording.Rrweb(2, 3, """{"source":4,"width":500,"height":400}"""));
        using HttpResponseMessage first = await program.GetAsync($"/api/sessions/{_session}/replay");
        string cursor = Assert.Single(first.Headers.GetValues("Replay-Cursor"));
        await Record(program, "w", Recording.Picture(3), Recording.Page(4, "https://shop.example/"));

        Assert.Equal(["w 3 500x400", "w 3 picture", "w 4 800x600"], await Played(program, $"?after={cursor}"));
        string from = Uri.EscapeDataString(DateTimeOffset.FromUnixTimeMilliseconds(Recording.Zero + 2_500).ToString("O"));
        Assert.Equal(["w 3 500x400", "w 3 picture", "w 4 800x600"], await Played(program, $"?date_from={from}"));
    }

    private async Task Record(HttpClient program, string window, params JsonNode[] events)
    {
        JsonObject snapshot = Recording.Snapshot(_session, "ann", events);
        snapshot["properties"]!["$window_id"] = window;
        Assert.Equal(HttpStatusCode.OK, (await program.Record(_project, snapshot)).Status);
    }

    private async Task Capture(HttpClient program, string window, int second, string properties)
    {
        string time = DateTimeOffset.FromUnixTimeMilliseconds(Recording.Zero + (second * 1000)).ToString("O");
        string body = $$"""
            {"api_key":"{{_project.Token}}","event":"$pageview","distinct_id":"ann","timestamp":"{{time}}",
             "properties":{ {{properties}},"$session_id":"{{_session}}","$window_id":"{{window}}" } }
            """;
        using HttpResponseMessage answer = await program.PostAsync("/e/", new StringContent(body, Encoding.UTF8, "application/json"));
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    /// <summary>Each event's window and second, and its size, or that it is a picture of the page.</summary>
    private async Task<string[]> Played(HttpClient program, string query = "")
    {
        JsonArray[] lines = await program.Play(_session, query);
        return [.. lines.Select(line => (Window: (string)line[0]!, Rrweb: line[1]!)).Zip(lines.Seconds(), (line, second) =>
        {
            JsonNode? data = line.Rrweb["data"];
            bool isSize = (int)line.Rrweb["type"]! == 4 || ((int)line.Rrweb["type"]! == 3 && (int?)data?["source"] == 4);
            string what = isSize
                ? string.Create(System.Globalization.CultureInfo.InvariantCulture, $" {(double)data!["width"]!}x{(double)data["height"]!}")
                : data is JsonObject { } all && all["node"] is not null ? " picture" : "";
            return string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{line.Window} {second}{what}");
        })];
    }
}
