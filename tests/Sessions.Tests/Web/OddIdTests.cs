using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Npgsql;
using Sessions.SystemTests.Harness;
using Sessions.Tests.Web.Api.Persons;

namespace Sessions.Tests.Web;

/// <summary>
/// Everything stored can be reached: every id and name that capture accepts works in every path, query and page, and so
/// do ids that older versions stored untrimmed.
/// </summary>
public sealed partial class OddIdTests(LoneTestGateway gateway) : IClassFixture<LoneTestGateway>
{
    // As the inside of a JSON string, and as it is stored.
    public static TheoryData<string, string> Ids { get; } = new()
    {
        { "ann@example.org\\n", "ann@example.org" },
        { " \\u00a0ann\\u200b\\ufeff\\t", "ann" },
        { "a/b", "a/b" },
        { "/", "/" },
        { "a%2Fb", "a%2Fb" },
        { "%00", "%00" },
        { ".", "." },
        { "..", ".." },
        { "a?b#c", "a?b#c" },
        { "#first", "#first" },
        { "a+b c", "a+b c" },
        { "a&b=c;d", "a&b=c;d" },
        { "ä/ö", "ä/ö" },
        { "😀👩‍👩‍👧", "😀👩‍👩‍👧" },
        { "أحمد ‎123", "أحمد ‎123" },
        { "\\\"quotes'", "\"quotes'" },
        { "\\\"quoted\\\\n\\\"", "\"quoted\\n\"" }, // what the pages write texts with line breaks as
        { "<b>bold</b>", "<b>bold</b>" },
        { "back\\\\slash", "back\\slash" },
        { "line\\nbreak", "line\nbreak" },
        { "line\\r\\nbreak\\ttab", "line\r\nbreak\ttab" },
        { "nul\\u0000inside", "nul\uFFFDinside" },
        { "half\\ud83d", "half\uFFFD" },
        { "a~b", "a~b" },
        { "export", "export" },
        { "deletions", "deletions" },
        { "reset", "reset" },
        { new string('x', 200), new string('x', 200) },
        { new string('x', 199) + "😀", new string('x', 199) },
        { new string('y', 199) + "  " + new string('z', 50), new string('y', 199) },
    };

    [Theory]
    [MemberData(nameof(Ids))]
    public async Task A_person_is_found_by_every_id_that_capture_accepts(string sent, string stored)
    {
        (TestGateway.Project project, HttpClient admin) = Admin();
        Guid session = Guid.CreateVersion7();
        await Capture(project, $$"""
            {"event":"{{sent}}","distinct_id":"{{sent}}","properties":{"$session_id":"{{session}}","$window_id":"{{sent}}"} }
            """);
        await Row(session);

        foreach (string id in Written(sent, stored))
        {
            string escaped = Uri.EscapeDataString(id);
            JsonNode person = JsonNode.Parse(await admin.GetStringAsync($"/api/persons?distinct_id={escaped}"))!;
            Assert.Equal((1, stored), ((int)person["sessions"]!, (string)person["distinct_ids"]!.AsArray().Single()!));

            List<string> paths = [$"/api/persons/export?distinct_id={escaped}"];
            if (IsForPaths(id))
            {
                paths.Add($"/api/persons/{escaped}/export");
            }

            foreach (string path in paths)
            {
                string export = await admin.GetStringAsync(path);
                Assert.Equal(["person", "session", "event"], export.Split('\n')[..^1].Select(line => (string)JsonNode.Parse(line)!["type"]!));
            }

            string filters = new JsonArray(new JsonObject { ["key"] = "distinct_id", ["value"] = id }).ToJsonString();
            JsonNode listed = JsonNode.Parse(await admin.GetStringAsync($"/api/sessions?filters={Uri.EscapeDataString(filters)}"))!;
            Assert.Equal(stored, (string)listed["results"]!.AsArray().Single()!["distinct_id"]!);

            JsonNode counted = await Ask(admin, new JsonObject
            {
                ["date_from"] = "-1d",
                ["series"] = new JsonArray(new JsonObject
                {
                    ["event"] = id,
                    ["filters"] = new JsonArray(new JsonObject { ["type"] = "event", ["key"] = "window_id", ["operator"] = "in", ["value"] = new JsonArray(id) }),
                }),
                ["breakdown"] = new JsonObject { ["property"] = "distinct_id" },
            });
            Assert.Equal((stored, 1), ((string)counted["results"]![0]!["breakdown_value"]!, (int)counted["results"]![0]!["value"]!));
        }
    }

    [Theory]
    [MemberData(nameof(Ids))]
    public async Task A_device_is_found_by_every_id_that_capture_accepts(string sent, string stored)
    {
        (TestGateway.Project project, HttpClient admin) = Admin();

        foreach (string id in Written(sent, stored))
        {
            string key = Uri.EscapeDataString(id);
            List<(string Live, string Reset)> ways = [($"/api/devices?key={key}", $"/api/devices/reset?key={key}")];
            if (IsForPaths(id))
            {
                ways.Add(($"/api/devices/{key}", $"/api/devices/{key}/reset"));
            }

            foreach ((string live, string reset) in ways)
            {
                await Capture(project, $$"""{"event":"looked","distinct_id":"somebody","properties":{"$device_id":"{{sent}}"} }""");

                JsonNode session = JsonNode.Parse(await admin.GetStringAsync(live))!;
                Assert.Equal((stored, "live"), ((string)session["device_id"]!, (string)session["status"]!));

                using HttpResponseMessage ended = await admin.PostAsync(reset, content: null);
                Assert.Equal("reset", (string)(await ended.Content.ReadFromJsonAsync<JsonObject>())!["end_reason"]!);
            }
        }
    }

    /// <summary>As a browser goes through the pages: it follows links, and posts forms with what it makes of their fields.</summary>
    [Theory]
    [MemberData(nameof(Ids))]
    public async Task A_person_with_an_unusual_id_is_found_and_deleted_on_the_pages(string sent, string stored)
    {
        (TestGateway.Project project, HttpClient admin) = Admin();
        Guid session = Guid.CreateVersion7();
        await Capture(project, $$"""{"event":"{{sent}}","distinct_id":"{{sent}}","properties":{"$session_id":"{{session}}"} }""");
        await Row(session);
        using HttpClient browser = gateway.Browser();
        using HttpResponseMessage signedIn = await browser.SignIn(project.ApiKey);

        string shown = await browser.GetStringAsync($"/sessions/{session}");
        Assert.Equal(stored, Decoded(Heading().Match(shown)));
        Assert.Contains(stored, WebUtility.HtmlDecode(await browser.GetStringAsync("/live")), StringComparison.Ordinal);
        Assert.DoesNotContain("<b>bold", shown, StringComparison.Ordinal);

        // The link to all of the visitor, and the filter of that page applied once more.
        string link = Decoded(SameVisitor().Match(shown));
        string all = await browser.GetStringAsync(link);
        Assert.Contains($"/sessions/{session}", all, StringComparison.Ordinal);
        string again = $"/sessions?date_from=all&of=session&key=distinct_id&op=exact&value={Uri.EscapeDataString(AsSubmitted(Decoded(FilterValue().Match(all))))}";
        Assert.Contains($"/sessions/{session}", await browser.GetStringAsync(again), StringComparison.Ordinal);

        string typed = Decoded(FilterValue().Match(all));
        string found = await Post(browser, "/project/privacy", ("distinct_id", typed));
        Assert.Contains(stored, WebUtility.HtmlDecode(found), StringComparison.Ordinal);
        string hidden = AsSubmitted(Decoded(HiddenId().Match(found)));
        await Post(browser, "/project/privacy/delete", ("distinct_id", hidden), ("sure", "yes"));

        JsonNode deletion = JsonNode.Parse(
            await admin.GetStringAsync($"/api/persons/deletions?distinct_id={Uri.EscapeDataString(stored)}"))!["results"]!.AsArray().Single()!;
        deletion = await PersonApiTests.Finished(admin, (string)deletion["id"]!);
        Assert.Equal((1, 1), ((int)deletion["sessions"]!, (int)deletion["events"]!));
    }

    [Theory]
    [MemberData(nameof(Ids))]
    public async Task A_person_is_deleted_by_every_id_that_capture_accepts(string sent, string stored)
    {
        (TestGateway.Project project, HttpClient admin) = Admin();

        foreach (string id in Written(sent, stored))
        {
            string escaped = Uri.EscapeDataString(id);
            foreach (string path in IsForPaths(id) ? [$"/api/persons?distinct_id={escaped}", $"/api/persons/{escaped}"] : new[] { $"/api/persons?distinct_id={escaped}" })
            {
                Guid session = Guid.CreateVersion7();
                await Capture(project, $$"""{"event":"looked","distinct_id":"{{sent}}","properties":{"$session_id":"{{session}}"} }""");

                using HttpResponseMessage answer = await admin.DeleteAsync(path);
                JsonNode deletion = JsonNode.Parse(await answer.Content.ReadAsStringAsync())!;
                deletion = await PersonApiTests.Finished(admin, (string)deletion["id"]!);

                Assert.Equal(1, (int)deletion["events"]!);
                Assert.Equal(HttpStatusCode.NotFound, (await admin.GetAsync($"/api/sessions/{session}")).StatusCode);
                string log = await admin.GetStringAsync($"/api/audit?limit=2&action=person.deleted&distinct_id={escaped}");
                Assert.NotEmpty(JsonNode.Parse(log)!["results"]!.AsArray());
            }
        }
    }

    [Theory]
    [InlineData("\\n")]
    [InlineData(" ")]
    [InlineData("\\u3000\\u200b\\ufeff\\u0007")]
    public async Task Events_with_a_blank_id_or_a_blank_name_are_dropped(string blank)
    {
        (TestGateway.Project project, HttpClient admin) = Admin();
        string answer = await Send(project, $$"""
            {"event":"looked","distinct_id":"{{blank}}"},{"event":"{{blank}}","distinct_id":"ann"},
            {"event":"looked","distinct_id":"{{blank}}","properties":{"distinct_id":"bea","$device_id":"{{blank}}","$window_id":"{{blank}}"} }
            """);

        Assert.Equal(
            """[{"index":0,"reason":"missing_distinct_id"},{"index":1,"reason":"missing_event_name"}]""",
            JsonNode.Parse(answer)!["dropped"]!.ToJsonString());
        JsonNode live = JsonNode.Parse(await admin.GetStringAsync("/api/devices/bea"))!;
        Assert.Equal(("bea", null), ((string)live["distinct_id"]!, (string?)live["device_id"]));
    }

    [Theory]
    [InlineData("old@example.org\n")]
    [InlineData(" old")]
    [InlineData("old\u200B")]
    [InlineData(" ")]
    [InlineData("\n")]
    public async Task An_id_that_an_older_version_stored_untrimmed_is_found_and_deleted(string id)
    {
        (TestGateway.Project project, HttpClient admin) = Admin();
        Guid session = await gateway.Database.AddSession(project.Id, SampleSessions.Noon, distinctId: id);
        await AddEvent(project, session, id);
        string escaped = Uri.EscapeDataString(id);

        JsonNode person = JsonNode.Parse(await admin.GetStringAsync($"/api/persons?distinct_id={escaped}"))!;
        string export = await admin.GetStringAsync($"/api/persons/{escaped}/export");
        string filters = new JsonArray(new JsonObject { ["key"] = "distinct_id", ["value"] = id }).ToJsonString();
        JsonNode listed = JsonNode.Parse(await admin.GetStringAsync($"/api/sessions?date_from=2026-01-01&filters={Uri.EscapeDataString(filters)}"))!;
        JsonNode counted = await Ask(
            admin, new JsonObject { ["date_from"] = "2026-01-01", ["series"] = new JsonArray(new JsonObject { ["event"] = id }) });
        using HttpResponseMessage answer = await admin.DeleteAsync($"/api/persons/{escaped}");
        JsonNode deletion = await PersonApiTests.Finished(admin, (string)JsonNode.Parse(await answer.Content.ReadAsStringAsync())!["id"]!);

        Assert.Equal(1, (int)person["sessions"]!);
        Assert.Contains(id, person["distinct_ids"]!.AsArray().Select(one => (string)one!));
        Assert.Equal(3, export.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        Assert.Single(listed["results"]!.AsArray());
        Assert.Equal(1, (int)counted["results"]![0]!["value"]!);
        Assert.Equal((1, 1), ((int)deletion["sessions"]!, (int)deletion["events"]!));
    }

    /// <summary>An id as it was sent and as it is stored: both ask for the same.</summary>
    private static IEnumerable<string> Written(string sent, string stored)
    {
        // Half of a surrogate pair can't be sent in an address.
        string asSent = sent.Contains("\\ud83d", StringComparison.Ordinal) ? stored : (string)JsonNode.Parse($"\"{sent}\"")!;
        return new[] { asSent, stored }.Distinct();
    }

    /// <summary>Clients take dots out of paths, and the server takes no NUL there.</summary>
    private static bool IsForPaths(string id) => id is not ("." or "..") && !id.Contains('\0');

    /// <summary>What a browser makes of line breaks in a form.</summary>
    private static string AsSubmitted(string value) => LineBreak().Replace(value, "\r\n");

    private static string Decoded(Match match)
    {
        Assert.True(match.Success);
        return WebUtility.HtmlDecode(match.Groups[1].Value);
    }

    private static async Task<string> Post(HttpClient browser, string address, params (string Name, string Value)[] fields)
    {
        string mark = Mark().Match(await browser.GetStringAsync("/project/privacy")).Groups[1].Value;
        using HttpResponseMessage answer = await browser.PostAsync(
            address,
            new FormUrlEncodedContent(fields.Append(("__RequestVerificationToken", mark)).Select(field => KeyValuePair.Create(field.Item1, field.Item2))));
        Assert.True((int)answer.StatusCode < 400, $"{address}: {answer.StatusCode}");
        return await answer.Content.ReadAsStringAsync();
    }

    private static async Task<JsonNode> Ask(HttpClient admin, JsonObject query)
    {
        using HttpResponseMessage answer = await admin.PostAsJsonAsync("/api/query", query);
        string text = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.IsSuccessStatusCode, text);
        return JsonNode.Parse(text)!;
    }

    private (TestGateway.Project Project, HttpClient Admin) Admin()
    {
        TestGateway.Project project = gateway.NextProject();
        return (project, gateway.Program(project.ApiKey));
    }

    private async Task Capture(TestGateway.Project project, string happened) =>
        Assert.Equal("""{"status":"Ok"}""", await Send(project, happened));

    private async Task<string> Send(TestGateway.Project project, string events)
    {
        using HttpClient sdk = gateway.Program(null);
        using HttpResponseMessage answer = await sdk.PostAsync(
            "/batch/", new StringContent($$"""{"api_key":"{{project.Token}}","batch":[{{events}}]}""", Encoding.UTF8, "application/json"));
        return await answer.Content.ReadAsStringAsync();
    }

    /// <summary>Waits for the session's row, which shows its person within seconds.</summary>
    private async Task Row(Guid session)
    {
        await using NpgsqlCommand command = gateway.Database.CreateCommand(
            "select count(*) from tracking.sessions where session_id = $1 and distinct_id <> ''");
        command.Parameters.AddWithValue(session);
        long begun = TimeProvider.System.GetTimestamp();
        while ((long)(await command.ExecuteScalarAsync())! == 0)
        {
            Assert.True(TimeProvider.System.GetElapsedTime(begun) < TimeSpan.FromMinutes(1), "The session has no row.");
            await Task.Yield();
        }
    }

    private async Task AddEvent(TestGateway.Project project, Guid session, string id)
    {
        await gateway.Database.AddEvent(project.Id, session, 1, SampleSessions.Noon);
        await using NpgsqlCommand rename = gateway.Database.CreateCommand(
            "update tracking.journal set distinct_id = $1, event = $1 where project = $2 and session_id = $3");
        rename.Parameters.AddWithValue(id);
        rename.Parameters.AddWithValue(project.Id);
        rename.Parameters.AddWithValue(session);
        await rename.ExecuteNonQueryAsync();
    }

    [GeneratedRegex("<h1>([^<]*)</h1>")]
    private static partial Regex Heading();

    [GeneratedRegex("href=\"([^\"]*)\">All sessions of this visitor")]
    private static partial Regex SameVisitor();

    [GeneratedRegex("<input type=\"text\" name=\"value\" value=\"([^\"]*)\"")]
    private static partial Regex FilterValue();

    [GeneratedRegex("<input type=\"hidden\" name=\"distinct_id\" value=\"([^\"]*)\"")]
    private static partial Regex HiddenId();

    [GeneratedRegex("name=\"__RequestVerificationToken\" value=\"([^\"]+)\"")]
    private static partial Regex Mark();

    [GeneratedRegex("\r\n|\r|\n")]
    private static partial Regex LineBreak();
}
