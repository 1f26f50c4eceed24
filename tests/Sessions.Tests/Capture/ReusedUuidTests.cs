using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Npgsql;
using Sessions.Tests.Web;
using Sessions.Tests.Web.Replay;

namespace Sessions.Tests.Capture;

/// <summary>
/// Several events with one uuid, sent as SDKs and curl send them: different events are all kept and their sender gets a
/// warning. A true retry counts once, also at another gateway whose silo knows only what is stored.
/// </summary>
public sealed class ReusedUuidTests(TestGateway gateway) : IClassFixture<TestGateway>
{
    private const string Ok = """{"status":"Ok"}""";

    private readonly TestGateway.Project _project = gateway.NextProject();
    private readonly Guid _uuid = Guid.CreateVersion7();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Different_events_with_one_uuid_are_each_kept_once_and_the_later_ones_get_a_warning(
        bool namesSession)
    {
        string session = namesSession ? $$""","$session_id":"{{Guid.CreateVersion7()}}" """ : "";
        string[] events =
        [
            Event("""{"page":1,"plan":{"a":1,"b":2}""" + session + "}"),
            Event("""{"page":1,"plan":{"a":1,"b":2}""" + session + "}", name: "bought"),
            Event("""{"page":2,"plan":{"a":1,"b":2}""" + session + "}"),
            Event("""{"page":1,"plan":{"a":1,"b":2}""" + session + "}", seconds: 1),
        ];
        string[] retries =
        [
            Event("""{"plan":{"b":2.0,"a":1e0},"page":1.0""" + session + "}"),
            Event("""{"plan":{"b":2,"a":1},"page":1""" + session + "}", name: "bought"),
            Event("""{"plan":{"a":1,"b":2},"page":2""" + session + "}"),
            Event("""{"plan":{"a":1,"b":2},"page":1""" + session + "}", seconds: 1),
        ];
        const string Told = """{"status":"Ok","warnings":[{"index":1,"reason":"uuid_reused"},{"index":2,"reason":"uuid_reused"},{"index":3,"reason":"uuid_reused"}]}""";
        using HttpClient program = gateway.Program(_project.ApiKey);

        Assert.Equal(Ok, await Post(program, events[0]));
        Assert.Equal(Told, await Post(program, string.Join(',', events)));
        Assert.Equal(Told, await Post(program, string.Join(',', retries)));
        await using WebApplication other = await gateway.StartAnother();
        using HttpClient elsewhere = TestGateway.ProgramAt(other.Urls.First(), _project.ApiKey);
        Assert.Equal(Told, await Post(elsewhere, string.Join(',', retries)));

        Assert.Equal(["bought", "click", "click", "click"], await Stored());
    }

    [Fact]
    public async Task A_retry_with_another_sent_at_counts_once()
    {
        using HttpClient program = gateway.Program(_project.ApiKey);
        string sent = Event("{}");

        Assert.Equal(Ok, await Post(program, sent, sentAt: "2026-03-01T12:00:09Z"));
        Assert.Equal(Ok, await Post(program, sent, sentAt: "2026-03-01T12:31:10.5Z"));
        Assert.Equal(
            """{"status":"Ok","warnings":[{"index":0,"reason":"uuid_reused"}]}""",
            await Post(program, Event("{}", seconds: 1), sentAt: "2026-03-01T12:00:09Z"));

        Assert.Equal(["click", "click"], await Stored());
    }

    [Theory]
    [InlineData(""","offset":5000""", ""","offset":65000""")]
    [InlineData("", "")]
    public async Task A_retry_without_a_time_counts_once_however_late_it_comes(string offset, string later)
    {
        using HttpClient program = gateway.Program(_project.ApiKey);
        string sent = $$"""{"uuid":"{{_uuid}}","event":"click","distinct_id":"ann","properties":{"page":1}""";

        Assert.Equal(Ok, await Post(program, sent + offset + "}"));
        Assert.Equal(Ok, await Post(program, sent + later + "}"));
        Assert.Contains("uuid_reused", await Post(program, sent.Replace("click", "bought", StringComparison.Ordinal) + later + "}"), StringComparison.Ordinal);

        Assert.Equal(["bought", "click"], await Stored());
    }

    [Fact]
    public async Task Events_read_from_the_API_count_once_when_they_are_sent_again()
    {
        var session = Guid.CreateVersion7();
        using HttpClient program = gateway.Program(_project.ApiKey);
        string properties = $$"""{"$set":{"b":1,"a":"\u00e9"},"$session_id":"{{session}}","page":1.50}""";
        await Post(program, Event(properties) + "," + Event(properties, name: "bought"), sentAt: "2026-03-01T12:00:09Z");
        JsonNode told = JsonNode.Parse(await program.GetStringAsync($"/api/sessions/{session}/events"))!;
        string[] again =
        [
            .. told["results"]!.AsArray().Select(one => new JsonObject
            {
                ["uuid"] = one!["event_id"]!.DeepClone(),
                ["event"] = one["event"]!.DeepClone(),
                ["distinct_id"] = one["distinct_id"]!.DeepClone(),
                ["timestamp"] = one["timestamp"]!.DeepClone(),
                ["properties"] = one["properties"]!.DeepClone(),
            }.ToJsonString()),
        ];

        Assert.Equal(2, again.Length);
        Assert.Equal(Ok, await Post(program, string.Join(',', again)));
        Assert.Equal(["bought", "click"], await Stored());
    }

    [Fact]
    public async Task Another_snapshot_with_the_same_uuid_is_kept_and_a_retry_with_another_clock_is_not()
    {
        using HttpClient program = gateway.Program(_project.ApiKey);
        var session = Guid.CreateVersion7();
        JsonObject first = Recording.Snapshot(session, "ann", Recording.Click(1));
        JsonObject second = Recording.Snapshot(session, "ann", Recording.Click(2));
        second["uuid"] = first["uuid"]!.DeepClone();
        JsonObject retry = (JsonObject)first.DeepClone();
        retry["sent_at"] = DateTimeOffset.FromUnixTimeMilliseconds(Recording.Zero + 60_000).ToString("O");
        JsonObject click = JsonNode.Parse(Event($$"""{"$session_id":"{{session}}"}"""))!.AsObject();
        click["uuid"] = first["uuid"]!.DeepClone();

        Assert.Equal(Ok, (await program.Record(_project, first)).Answer.ToJsonString());
        Assert.Equal(
            """{"status":"Ok","warnings":[{"index":0,"reason":"uuid_reused"}]}""",
            (await program.Record(_project, second)).Answer.ToJsonString());
        Assert.Equal(Ok, (await program.Record(_project, retry)).Answer.ToJsonString());
        Assert.Contains("uuid_reused", await Post(program, click.ToJsonString()), StringComparison.Ordinal);

        Assert.Equal([1, 2], (await program.Play(session, "?raw=true")).Seconds());
        JsonNode found = await program.Session(session);
        Assert.Equal((2, 1), ((int)found["$replay_click_count"]!, (int)found["$event_count"]!));
    }

    private string Event(string properties, string name = "click", int seconds = 0) =>
        $$"""{"uuid":"{{_uuid}}","event":"{{name}}","distinct_id":"ann","timestamp":"2026-03-01T12:00:0{{seconds}}Z","properties":{{properties}}}""";

    private async Task<string> Post(HttpClient program, string events, string? sentAt = null)
    {
        string body = $$"""{"api_key":"{{_project.Token}}","batch":[{{events}}]{{(sentAt is null ? "" : $",\"sent_at\":\"{sentAt}\"")}}}""";
        using HttpResponseMessage answer = await program.PostAsync("/batch/", new StringContent(body, Encoding.UTF8, "application/json"));
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return await answer.Content.ReadAsStringAsync();
    }

    private async Task<List<string>> Stored()
    {
        await using NpgsqlCommand command = gateway.Database.CreateCommand(
            "select event from tracking.all_events where project = $1 order by event, timestamp");
        command.Parameters.AddWithValue(_project.Id);
        await using NpgsqlDataReader rows = await command.ExecuteReaderAsync();
        List<string> names = [];
        while (await rows.ReadAsync())
        {
            names.Add(rows.GetString(0));
        }

        return names;
    }
}
