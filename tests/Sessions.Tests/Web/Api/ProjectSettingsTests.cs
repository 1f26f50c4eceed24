using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Npgsql;

namespace Sessions.Tests.Web.Api;

/// <summary><c>GET</c> and <c>PUT /api/project</c>, and the effect of a setting on the next events.</summary>
public sealed class ProjectSettingsTests(TestGateway gateway, TestPostgres postgres) : IClassFixture<TestGateway>
{
    private const string Crawler = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)";

    [Fact]
    public async Task A_project_without_stored_settings_has_the_defaults()
    {
        TestGateway.Project project = gateway.NextProject();
        using HttpClient program = gateway.Program(project.ApiKey);

        string settings = await program.GetStringAsync("/api/project");

        Assert.Equal(
            $$$"""
            {"name":"{{{project.Id}}}","token":"{{{project.Token}}}","timezone":"UTC","week_start":"monday","idle_timeout_seconds":1800,
            "bounce_seconds":10,"channel_rules":[],"ai_channel":false,"ignored_referrers":[],"bot_filter":true,"internal_hosts":[],
            "retention_days":null,"replay":{"enabled":true,"sample_rate":1,"minimum_duration_ms":0,"console":false,"network":false,"triggers":{"urls":[],"events":[]},"retention_days":30},
            "path_cleaning":[],"default_range":"7d","max_events_per_day":null,"max_megabytes_per_day":null}
            """.ReplaceLineEndings(""),
            settings);
    }

    [Fact]
    public async Task A_put_stores_the_given_settings_and_keeps_the_others()
    {
        TestGateway.Project project = gateway.NextProject();
        using HttpClient program = gateway.Program(project.ApiKey);
        const string all = """
            {"name":"Shop","timezone":"Europe/Berlin","week_start":"sunday","idle_timeout_seconds":60,"bounce_seconds":2.5,
            "channel_rules":[{"id":"1","combiner":"OR","items":[{"key":"utm_source","op":"exact","value":["a","b"]},{"key":"url","op":"is_set","value":[]}],"channel_type":"Friends"}],
            "ai_channel":true,"ignored_referrers":["auth0.com"],"bot_filter":false,"internal_hosts":["localhost"],
            "retention_days":365,"replay":{"enabled":false,"sample_rate":0.25,"minimum_duration_ms":2000,"console":true,"network":true,
            "triggers":{"urls":["^https://x\\.org/","/cart$"],"events":["purchased"]},"retention_days":30},
            "path_cleaning":[{"regex":"/[0-9]+","replacement":"/:id"}],"default_range":"30d",
            "max_events_per_day":1000000,"max_megabytes_per_day":500}
            """;

        JsonNode answer = await Put(program, all);
        JsonNode later = await Put(program, """{"name":"Shop 2","replay":{"console":false,"triggers":{"events":["paid"]}},"retention_days":null}""");
        JsonNode read = JsonNode.Parse(await program.GetStringAsync("/api/project"))!;

        JsonNode expected = JsonNode.Parse(all)!;
        expected["token"] = project.Token;
        Assert.True(JsonNode.DeepEquals(expected, answer), answer.ToJsonString());
        expected["name"] = "Shop 2";
        expected["replay"]!["console"] = false;
        expected["replay"]!["triggers"]!["events"] = new JsonArray("paid");
        expected["retention_days"] = null;
        Assert.True(JsonNode.DeepEquals(expected, later), later.ToJsonString());
        Assert.True(JsonNode.DeepEquals(expected, read), read.ToJsonString());
    }

    [Fact]
    public async Task A_change_succeeds_although_another_activation_of_the_project_has_written_meanwhile()
    {
        // As when a silo was taken for dead and was not: two that know nothing of each other, on one database.
        await using WebApplication other = await gateway.StartAnother();
        TestGateway.Project project = gateway.NextProject();
        using HttpClient here = gateway.Program(project.ApiKey);
        using HttpClient there = TestGateway.ProgramAt(other.Urls.First(), project.ApiKey);
        await Put(here, """{"name":"first"}""");
        await Put(there, """{"bounce_seconds":5}""");

        JsonNode answer = await Put(here, """{"name":"second"}""");

        Assert.Equal("second", (string?)answer["name"]);
        Assert.Equal(5, (int?)answer["bounce_seconds"]);
    }

    [Fact]
    public async Task A_change_gets_503_and_a_problem_while_the_settings_cannot_be_read()
    {
        string database = await postgres.CreateDatabase();
        await using NpgsqlDataSource owner = NpgsqlDataSource.Create(database);
        await Do("insert into tracking.projects (project, token, api_key_sha256) values ('shop', 'token', sha256('key'))");
        await using WebApplication alone = await TestGateway.Start(database, database, settings: null);
        using HttpClient program = TestGateway.ProgramAt(alone.Urls.First(), "key");
        await Do("alter table orleans.orleansstorage rename to away");

        using HttpResponseMessage answer = await program.PutAsync("/api/project", Json("""{"name":"Shop"}"""));

        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType!.MediaType);
        Assert.NotNull(answer.Headers.RetryAfter);
        await Do("alter table orleans.away rename to orleansstorage");
        Assert.Equal("Shop", (string?)(await Put(program, """{"name":"Shop"}"""))["name"]);

        async Task Do(string statement)
        {
            await using NpgsqlCommand command = owner.CreateCommand(statement);
            await command.ExecuteNonQueryAsync();
        }
    }

    [Fact]
    public async Task Simultaneous_changes_are_all_answered_and_one_of_them_is_stored()
    {
        TestGateway.Project project = gateway.NextProject();
        using HttpClient program = gateway.Program(project.ApiKey);

        JsonNode[] answers = await Task.WhenAll(Enumerable.Range(0, 30).Select(
            number => Put(program, $$"""{"name":"n{{number}}","token":"{{project.Token}}","path_cleaning":[{"regex":"/[0-9]+","replacement":"/:{{number}}"}]}""")));

        Assert.All(answers, (answer, number) => Assert.Equal($"n{number}", (string?)answer["name"]));
    }

    [Theory]
    [InlineData("""{"idle_timeout_seconds":59}""", "idle_timeout_seconds", "must be from 60 to 36000")]
    [InlineData("""{"idle_timeout_seconds":36001}""", "idle_timeout_seconds", "must be from 60 to 36000")]
    [InlineData("""{"idle_timeout_seconds":1e300}""", "idle_timeout_seconds", "must be from 60 to 36000")]
    [InlineData("""{"idle_timeout_seconds":60.5}""", "idle_timeout_seconds", "must be a whole number")]
    [InlineData("""{"idle_timeout_seconds":"60"}""", "idle_timeout_seconds", "must be a whole number")]
    [InlineData("""{"idle_timeout_seconds":null}""", "idle_timeout_seconds", "must be a whole number")]
    [InlineData("""{"bounce_seconds":-1}""", "bounce_seconds", "must be from 0 to 3600")]
    [InlineData("""{"timezone":"Mars/Olympus"}""", "timezone", "must be a time zone")]
    [InlineData("""{"timezone":"../../etc/passwd"}""", "timezone", "must be a time zone")]
    [InlineData("""{"week_start":1}""", "week_start", "must be one of sunday, monday")]
    [InlineData("""{"name":""}""", "name", "must be a text of 1 to 100")]
    [InlineData("""{"name":"\ud83d"}""", "body", "must be valid JSON")] // half a character
    [InlineData("""{"name":"a\u0000"}""", "name", "must be a text of 1 to 100")]
    [InlineData("""{"bot_filter":"yes"}""", "bot_filter", "must be true or false")]
    [InlineData("""{"retention_days":0}""", "retention_days", "must be from 1 to 36500, or null for ever")]
    [InlineData("""{"ignored_referrers":"a.com"}""", "ignored_referrers", "must be a list of texts")]
    [InlineData("""{"ignored_referrers":["a.com","https://b.com"]}""", "ignored_referrers[1]", "must be a host")]
    [InlineData("""{"internal_hosts":[7]}""", "internal_hosts[0]", "must be a host")]
    [InlineData("""{"channel_rules":[{"id":"1","combiner":"AND","items":[{"key":"utm","op":"exact","value":"a"}],"channel_type":"x"}]}""",
        "channel_rules[0].items[0].key", "must be one of utm_source")]
    [InlineData("""{"channel_rules":[{"id":"1","combiner":"AND","items":[{"key":"url","op":"regex","value":"("}],"channel_type":"x"}]}""",
        "channel_rules[0].items[0].value", "is no regular expression")]
    [InlineData("""{"channel_rules":[{"id":"1","combiner":"AND","items":[],"channel_type":"a\u0000"}]}""",
        "channel_rules[0].channel_type", "must be a text of 1 to 100 characters, none of them a control character")]
    [InlineData("""{"channel_rules":[null]}""", "channel_rules[0]", "must be an object")]
    [InlineData("""{"channel_rules":[{"name":"x"}]}""", "channel_rules[0].name", "is not known")]
    [InlineData("""{"replay":{"sample_rate":1.1}}""", "replay.sample_rate", "must be from 0 to 1")]
    [InlineData("""{"replay":{"speed":1}}""", "replay.speed", "is not a setting")]
    [InlineData("""{"replay":[]}""", "replay", "must be a JSON object")]
    [InlineData("""{"replay":{"network":"yes"}}""", "replay.network", "must be true or false")]
    [InlineData("""{"replay":{"triggers":[]}}""", "replay.triggers", "must be a JSON object")]
    [InlineData("""{"replay":{"triggers":null}}""", "replay.triggers", "must be a JSON object")]
    [InlineData("""{"replay":{"triggers":{"flags":[]}}}""", "replay.triggers.flags", "is not a setting: the settings of replay.triggers are urls, events")]
    [InlineData("""{"replay":{"triggers.urls":[]}}""", "replay.triggers.urls", "is not a setting")]
    [InlineData("""{"replay.console":true}""", "replay.console", "is not a setting")]
    [InlineData("""{"replay":{"triggers":{"urls":"/cart"}}}""", "replay.triggers.urls", "must be a list of texts")]
    [InlineData("""{"replay":{"triggers":{"urls":["/cart","[a-z"]}}}""", "replay.triggers.urls[1]", "is not a regular expression of JavaScript: a ] is missing")]
    [InlineData("""{"replay":{"triggers":{"urls":["(?i)cart"]}}}""", "replay.triggers.urls[0]", "is not a regular expression of JavaScript")]
    [InlineData("""{"replay":{"triggers":{"urls":[""]}}}""", "replay.triggers.urls[0]", "must be a text of 1 to 500 characters")]
    [InlineData("""{"replay":{"triggers":{"urls":[7]}}}""", "replay.triggers.urls[0]", "must be a text of 1 to 500 characters")]
    [InlineData("""{"replay":{"triggers":{"events":[null]}}}""", "replay.triggers.events[0]", "must be a text of 1 to 200 characters")]
    [InlineData("""{"replay":{"triggers":{"events":["a\u0000"]}}}""", "replay.triggers.events[0]", "must be a text of 1 to 200 characters")]
    [InlineData("""{"max_events_per_day":0}""", "max_events_per_day", "must be from 1 to 1000000000000, or null for no limit")]
    [InlineData("""{"max_events_per_day":1e30}""", "max_events_per_day", "must be from 1 to 1000000000000, or null for no limit")]
    [InlineData("""{"max_megabytes_per_day":0.5}""", "max_megabytes_per_day", "must be a whole number")]
    [InlineData("""{"max_megabytes_per_day":"many"}""", "max_megabytes_per_day", "must be a whole number")]
    [InlineData("""{"default_range":"14d"}""", "default_range", "must be one of 24h, 7d, 30d, 90d")]
    [InlineData("""{"default_range":7}""", "default_range", "must be one of 24h, 7d, 30d, 90d")]
    [InlineData("""{"default_range":null}""", "default_range", "must be one of 24h, 7d, 30d, 90d")]
    [InlineData("""{"token":"phx_personal"}""", "token", "must be a text of 1 to 64 printable ASCII characters")]
    [InlineData("""{"token":"has space"}""", "token", "must be a text of 1 to 64 printable ASCII characters")]
    [InlineData("""{"colour":"red"}""", "colour", "is not a setting: the settings are name, token")]
    [InlineData("[]", "body", "must be a JSON object")]
    [InlineData("{", "body", "must be valid JSON")]
    [InlineData("", "body", "must be valid JSON")]
    public async Task A_wrong_setting_is_refused_by_name_and_changes_nothing(string body, string field, string expected)
    {
        using HttpClient program = gateway.Program(gateway.Ours.ApiKey);
        string before = await program.GetStringAsync("/api/project");
        string mixed = body.StartsWith("{\"", StringComparison.Ordinal) ? "{\"ai_channel\":true," + body[1..] : body;

        using HttpResponseMessage answer = await program.PutAsync("/api/project", Json(mixed));

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType!.MediaType);
        JsonNode problem = JsonNode.Parse(await answer.Content.ReadAsStringAsync())!;
        Assert.Equal(field, (string?)problem["field"]);
        Assert.StartsWith($"{field} {expected}", (string?)problem["detail"], StringComparison.Ordinal);
        Assert.Equal(before, await program.GetStringAsync("/api/project"));
    }

    [Fact]
    public async Task A_new_token_accepts_events_at_once_and_the_old_token_is_refused()
    {
        TestGateway.Project project = gateway.NextProject();
        using HttpClient program = gateway.Program(project.ApiKey);

        JsonNode answer = await Put(program, $$"""{"token":"new-{{project.Id}}"}""");

        Assert.Equal($"new-{project.Id}", (string?)answer["token"]);
        Assert.Equal(HttpStatusCode.OK, (await Capture(program, $"new-{project.Id}", Guid.CreateVersion7())).Status);
        Assert.Equal(HttpStatusCode.Unauthorized, (await Capture(program, project.Token, Guid.CreateVersion7())).Status);
    }

    [Fact]
    public async Task Another_projects_token_is_a_conflict_and_changes_nothing()
    {
        TestGateway.Project project = gateway.NextProject();
        using HttpClient program = gateway.Program(project.ApiKey);

        using HttpResponseMessage answer = await program.PutAsync(
            "/api/project", Json($$"""{"name":"Thief","token":"{{gateway.Theirs.Token}}"}"""));

        Assert.Equal(HttpStatusCode.Conflict, answer.StatusCode);
        JsonNode settings = JsonNode.Parse(await program.GetStringAsync("/api/project"))!;
        Assert.Equal((project.Id, project.Token), ((string?)settings["name"], (string?)settings["token"]));
    }

    [Fact]
    public async Task A_channel_rule_applies_to_the_next_sessions()
    {
        TestGateway.Project project = gateway.NextProject();
        using HttpClient program = gateway.Program(project.ApiKey);
        await Put(program, """
            {"channel_rules":[{"id":"1","combiner":"AND","items":[{"key":"utm_source","op":"icontains","value":"PARTNER"}],"channel_type":"Partners"}]}
            """);
        Guid session = Guid.CreateVersion7();
        await Capture(program, project.Token, session, ("utm_source", "our-partner"));

        JsonNode found = JsonNode.Parse(await program.GetStringAsync($"/api/sessions/{session}"))!;
        JsonNode listed = JsonNode.Parse(await program.GetStringAsync("/api/sessions"))!;

        Assert.Equal("Partners", (string?)found["$channel_type"]);
        Assert.Equal("Partners", (string?)listed["results"]![0]!["$channel_type"]);
    }

    [Fact]
    public async Task The_bot_filter_is_on_until_it_is_switched_off()
    {
        TestGateway.Project project = gateway.NextProject();
        using HttpClient program = gateway.Program(project.ApiKey);
        Guid session = Guid.CreateVersion7();

        (HttpStatusCode status, string dropped) = await Capture(program, project.Token, session, ("$raw_user_agent", Crawler));
        await Put(program, """{"bot_filter":false}""");
        (_, string taken) = await Capture(program, project.Token, session, ("$raw_user_agent", Crawler));

        Assert.Equal((HttpStatusCode.OK, """{"status":"Ok","dropped":[{"index":0,"reason":"bot"}]}"""), (status, dropped));
        Assert.Equal("""{"status":"Ok"}""", taken);
    }

    private static async Task<JsonNode> Put(HttpClient program, string body)
    {
        using HttpResponseMessage answer = await program.PutAsync("/api/project", Json(body));
        string text = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.StatusCode == HttpStatusCode.OK, text);
        return JsonNode.Parse(text)!;
    }

    private static StringContent Json(string text) => new(text, Encoding.UTF8, "application/json");

    private static async Task<(HttpStatusCode Status, string Body)> Capture(
        HttpClient program, string token, Guid session, params (string Name, string Value)[] properties)
    {
        var all = properties.ToDictionary(property => property.Name, property => (object?)property.Value);
        all["$session_id"] = session;
        using HttpResponseMessage answer = await program.PostAsJsonAsync("/i/v0/e/", new
        {
            api_key = token,
            @event = "$pageview",
            uuid = Guid.NewGuid(),
            distinct_id = "ann",
            properties = all,
        });
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync());
    }
}
