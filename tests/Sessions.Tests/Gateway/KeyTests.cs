using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Npgsql;

namespace Sessions.Tests.Gateway;

public sealed partial class KeyTests(TestGateway gateway) : IClassFixture<TestGateway>
{
    [Fact]
    public async Task A_key_that_is_made_works_until_it_is_revoked_and_is_kept_as_a_hash_only()
    {
        TestGateway.Project project = gateway.NextProject();
        using HttpClient admin = gateway.Program(project.ApiKey);

        JsonNode made = await Make(admin, "Grafana", "read");
        string key = (string)made["key"]!;
        using HttpClient reader = gateway.Program(key);

        Assert.Equal(HttpStatusCode.OK, (await reader.GetAsync("/api/sessions")).StatusCode);
        await using NpgsqlCommand stored = gateway.Database.CreateCommand("select k::text from tracking.api_keys k where project = $1");
        stored.Parameters.AddWithValue(project.Id);
        Assert.DoesNotContain(key, (string)(await stored.ExecuteScalarAsync())!, StringComparison.Ordinal);

        using HttpResponseMessage revoked = await admin.DeleteAsync($"/api/project/keys/{made["id"]}");
        Assert.Equal(HttpStatusCode.NoContent, revoked.StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await reader.GetAsync("/api/sessions")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await admin.DeleteAsync($"/api/project/keys/{made["id"]}")).StatusCode);
    }

    [Fact]
    public async Task The_list_names_the_keys_and_gives_none_away()
    {
        TestGateway.Project project = gateway.NextProject();
        using HttpClient admin = gateway.Program(project.ApiKey);
        string key = (string)(await Make(admin, "Grafana", "read"))["key"]!;

        string text = await admin.GetStringAsync("/api/project/keys");
        JsonArray keys = JsonNode.Parse(text)!["results"]!.AsArray();

        Assert.Equal(["admin", "read"], keys.Select(one => (string)one!["role"]!));
        Assert.Equal((null, key[^4..]), ((string?)keys[0]!["id"], (string)keys[1]!["ending"]!));
        Assert.DoesNotContain(key, text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("PUT", "/api/project", """{"name":"x"}""")]
    [InlineData("POST", "/api/devices/ann/reset", "")]
    [InlineData("POST", "/api/project/keys", """{"name":"x","role":"admin"}""")]
    [InlineData("DELETE", "/api/project/keys/0193a0e8-0000-7000-8000-000000000000", "")]
    public async Task A_read_key_changes_nothing(string method, string path, string body)
    {
        using HttpClient admin = gateway.Program(gateway.Ours.ApiKey);
        using HttpClient reader = gateway.Program((string)(await Make(admin, "reader", "read"))["key"]!);

        using HttpRequestMessage request = new(new HttpMethod(method), path) { Content = new StringContent(body) };
        using HttpResponseMessage answer = await reader.SendAsync(request);

        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType!.MediaType);
    }

    [Theory]
    [InlineData("""{"name":"","role":"read"}""", "name")]
    [InlineData("""{"role":"read"}""", "name")]
    [InlineData("""{"name":"x","role":"owner"}""", "role")]
    [InlineData("""{"name":"x"}""", "role")]
    [InlineData("[]", "body")]
    [InlineData("{", "body")]
    public async Task What_is_wrong_with_a_key_is_named(string body, string field)
    {
        using HttpClient admin = gateway.Program(gateway.Ours.ApiKey);
        using HttpResponseMessage answer = await admin.PostAsync("/api/project/keys", new StringContent(body));

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Equal(field, (string?)(await answer.Content.ReadFromJsonAsync<JsonObject>())!["field"]);
    }

    [Fact]
    public async Task One_project_can_not_revoke_anothers_key()
    {
        using HttpClient ours = gateway.Program(gateway.Ours.ApiKey);
        using HttpClient theirs = gateway.Program(gateway.Theirs.ApiKey);
        JsonNode made = await Make(theirs, "theirs", "read");

        Assert.Equal(HttpStatusCode.NotFound, (await ours.DeleteAsync($"/api/project/keys/{made["id"]}")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await gateway.Program((string)made["key"]!).GetAsync("/api/live")).StatusCode);
    }

    [Fact]
    public async Task Who_signed_in_with_a_read_key_sees_the_pages_but_not_the_dashboard()
    {
        using HttpClient admin = gateway.Program(gateway.Ours.ApiKey);
        string key = (string)(await Make(admin, "reader", "read"))["key"]!;
        using HttpClient browser = gateway.Browser();
        await browser.GetAsync($"/signin?key={key}");

        Assert.Equal(HttpStatusCode.OK, (await browser.GetAsync("/project")).StatusCode);
        using HttpResponseMessage dashboard = await browser.GetAsync("/dashboard/DashboardCounters");
        Assert.Equal(HttpStatusCode.Redirect, dashboard.StatusCode);
        Assert.StartsWith("/admins-only", dashboard.Headers.Location!.PathAndQueryOrText(), StringComparison.Ordinal);
        string page = await browser.GetStringAsync("/project");
        Assert.DoesNotContain("Make a key", page, StringComparison.Ordinal);
        using HttpResponseMessage save = await browser.PostAsync("/project/keys", Form(page, ("name", "mine"), ("role", "admin")));
        Assert.Equal(HttpStatusCode.Redirect, save.StatusCode);
    }

    [Fact]
    public async Task Revoking_the_key_somebody_signed_in_with_signs_them_out()
    {
        using HttpClient admin = gateway.Program(gateway.Ours.ApiKey);
        JsonNode made = await Make(admin, "reader", "read");
        using HttpClient browser = gateway.Browser();
        await browser.GetAsync($"/signin?key={made["key"]}");
        Assert.Equal(HttpStatusCode.OK, (await browser.GetAsync("/live")).StatusCode);

        await admin.DeleteAsync($"/api/project/keys/{made["id"]}");

        Assert.Equal(HttpStatusCode.Redirect, (await browser.GetAsync("/live")).StatusCode);
    }

    [Fact]
    public async Task A_cookie_reads_the_api_and_writes_only_with_the_mark_of_our_pages()
    {
        TestGateway.Project project = gateway.NextProject();
        using HttpClient browser = gateway.Browser();
        await browser.GetAsync($"/signin?key={project.ApiKey}");
        Assert.Equal(HttpStatusCode.OK, (await browser.GetAsync("/api/live")).StatusCode);
        string page = await browser.GetStringAsync("/project");

        using HttpResponseMessage forged = await browser.PutAsync("/api/project", JsonContent.Create(new { name = "forged" }));
        using HttpRequestMessage own = new(HttpMethod.Put, "/api/project") { Content = JsonContent.Create(new { name = "own" }) };
        own.Headers.Add("X-Form-Mark", Mark().Match(page).Groups[1].Value);
        using HttpResponseMessage written = await browser.SendAsync(own);

        Assert.Equal((HttpStatusCode.BadRequest, HttpStatusCode.OK), (forged.StatusCode, written.StatusCode));
        Assert.Contains("\"name\":\"own\"", await written.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_projects_page_saves_settings_and_names_those_that_are_wrong()
    {
        TestGateway.Project project = gateway.NextProject();
        using HttpClient browser = gateway.Browser();
        await browser.GetAsync($"/signin?key={project.ApiKey}");
        string page = await browser.GetStringAsync("/project");
        (string, string)[] fields =
        [
            ("name", "Shop"), ("token", project.Token), ("timezone", "Europe/Berlin"), ("week_start", "sunday"), ("idle_timeout_seconds", "600"),
            ("bounce_seconds", "20"), ("retention_days", ""), ("channel_rules", ""), ("ignored_referrers", "pay.example\r\nbank.example"),
            ("internal_hosts", ""), ("bot_filter", "on"), ("replay.sample_rate", "0.5"), ("replay.minimum_duration_ms", "0"), ("replay.retention_days", "30"),
        ];

        using HttpResponseMessage wrong = await browser.PostAsync(
            "/project", Form(page, [.. fields.Where(field => field.Item1 is not ("bounce_seconds" or "timezone")), ("bounce_seconds", "soon"), ("timezone", "Mars")]));
        string said = WebUtility.HtmlDecode(await wrong.Content.ReadAsStringAsync());
        using HttpResponseMessage saved = await browser.PostAsync("/project", Form(page, fields));
        using HttpClient program = gateway.Program(project.ApiKey);
        JsonNode settings = JsonNode.Parse(await program.GetStringAsync("/api/project"))!;

        Assert.Equal((HttpStatusCode.BadRequest, HttpStatusCode.Redirect), (wrong.StatusCode, saved.StatusCode));
        Assert.Contains("Bounce limit, in seconds must be a number.", said, StringComparison.Ordinal);
        Assert.Contains("Time zone must be a time zone", said, StringComparison.Ordinal);
        Assert.Equal(
            ("Shop", "Europe/Berlin", "sunday", 600, null, true, false, 0.5, 30),
            ((string)settings["name"]!, (string)settings["timezone"]!, (string)settings["week_start"]!, (int)settings["idle_timeout_seconds"]!,
                (int?)settings["retention_days"], (bool)settings["bot_filter"]!, (bool)settings["replay"]!["enabled"]!,
                (double)settings["replay"]!["sample_rate"]!, (int)settings["replay"]!["retention_days"]!));
        Assert.Equal(["pay.example", "bank.example"], settings["ignored_referrers"]!.AsArray().Select(host => (string)host!));
    }

    private static async Task<JsonNode> Make(HttpClient admin, string name, string role)
    {
        using HttpResponseMessage answer = await admin.PostAsJsonAsync("/api/project/keys", new { name, role });
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return (await answer.Content.ReadFromJsonAsync<JsonNode>())!;
    }

    private static FormUrlEncodedContent Form(string page, params (string Name, string Value)[] fields) => new(
        fields.Append(("__RequestVerificationToken", Mark().Match(page).Groups[1].Value))
            .Select(field => KeyValuePair.Create(field.Item1, field.Item2)));

    [GeneratedRegex("name=\"__RequestVerificationToken\" value=\"([^\"]+)\"")]
    private static partial Regex Mark();
}
