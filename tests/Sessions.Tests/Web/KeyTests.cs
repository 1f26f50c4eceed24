using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Builder;
using Npgsql;
using Sessions.SystemTests.Harness;

namespace Sessions.Tests.Web;

public sealed partial class KeyTests(TestGateway gateway) : IClassFixture<TestGateway>
{
    [Fact]
    public async Task A_new_key_works_until_it_is_revoked_and_is_stored_only_as_a_hash()
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
    public async Task The_list_of_keys_has_names_and_no_secrets()
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
    public async Task A_read_key_cannot_change_anything(string method, string path, string body)
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
    [InlineData("""{"name":"x","role":"read","expires_at":"2020-01-01T00:00:00Z"}""", "expires_at")]
    [InlineData("""{"name":"x","role":"read","expires_at":"soon"}""", "expires_at")]
    [InlineData("""{"name":"x","role":"read","expires_at":86400}""", "expires_at")]
    [InlineData("[]", "body")]
    [InlineData("{", "body")]
    public async Task A_wrong_field_of_a_key_is_named_in_the_error(string body, string field)
    {
        using HttpClient admin = gateway.Program(gateway.Ours.ApiKey);
        using HttpResponseMessage answer = await admin.PostAsync("/api/project/keys", new StringContent(body));

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Equal(field, (string?)(await answer.Content.ReadFromJsonAsync<JsonObject>())!["field"]);
    }

    [Fact]
    public async Task A_key_with_an_end_is_listed_with_it_and_refused_after_it()
    {
        TestGateway.Project project = gateway.NextProject();
        using HttpClient admin = gateway.Program(project.ApiKey);
        DateTimeOffset end = DateTimeOffset.UtcNow.AddDays(1);
        using HttpResponseMessage made = await admin.PostAsJsonAsync(
            "/api/project/keys", new { name = "for a day", role = "read", expires_at = end });
        JsonNode key = (await made.Content.ReadFromJsonAsync<JsonNode>())!;
        using HttpClient reader = gateway.Program((string)key["key"]!);
        using HttpClient browser = gateway.Browser();
        await browser.SignIn((string)key["key"]!);

        Assert.Equal(end, (DateTimeOffset)key["expires_at"]!, TimeSpan.FromMilliseconds(1));
        Assert.Equal(HttpStatusCode.OK, (await reader.GetAsync("/api/live")).StatusCode);
        await using NpgsqlCommand pass = gateway.Database.CreateCommand("update tracking.api_keys set expires_at = now() where id = $1");
        pass.Parameters.AddWithValue((Guid)key["id"]!);
        await pass.ExecuteNonQueryAsync();

        await TestGateway.Until(async () => (await reader.GetAsync("/api/live")).StatusCode == HttpStatusCode.Unauthorized);
        Assert.Equal(HttpStatusCode.Redirect, (await browser.GetAsync("/live")).StatusCode);
    }

    [Fact]
    public async Task The_list_says_when_a_key_was_used_last()
    {
        TestGateway.Project project = gateway.NextProject();
        using HttpClient admin = gateway.Program(project.ApiKey);
        string key = (string)(await Make(admin, "used", "read"))["key"]!;
        DateTimeOffset begun = DateTimeOffset.UtcNow;
        await using (WebApplication other = await gateway.StartAnother())
        {
            using HttpClient reader = TestGateway.ProgramAt(other.Urls.First(), key);
            (await reader.GetAsync("/api/live")).EnsureSuccessStatusCode();
            await other.StopAsync();
        }

        JsonArray keys = JsonNode.Parse(await admin.GetStringAsync("/api/project/keys"))!["results"]!.AsArray();

        Assert.InRange((DateTimeOffset)keys.Single(one => (string)one!["name"]! == "used")!["last_used_at"]!, begun, DateTimeOffset.UtcNow);
    }

    [Fact]
    public async Task An_address_that_sends_many_wrong_keys_is_refused_except_with_keys_that_it_already_used()
    {
        await using WebApplication other = await gateway.StartAnother(settings: new Dictionary<string, string?>
        {
            ["Sessions:Access:WrongKeysPerMinute"] = "5",
        });
        string address = other.Urls.First();
        using HttpClient known = TestGateway.ProgramAt(address, gateway.Ours.ApiKey);
        using HttpClient unknown = TestGateway.ProgramAt(address, gateway.Theirs.ApiKey);
        using HttpClient guesser = TestGateway.ProgramAt(address, "wrong-key");
        (await known.GetAsync("/api/live")).EnsureSuccessStatusCode();

        List<HttpStatusCode> guesses = [];
        for (int i = 0; i < 6; i++)
        {
            guesses.Add((await guesser.GetAsync("/api/live")).StatusCode);
        }

        using HttpResponseMessage refused = await unknown.GetAsync("/api/live");

        Assert.Equal([.. Enumerable.Repeat(HttpStatusCode.Unauthorized, 5), HttpStatusCode.TooManyRequests], guesses);
        Assert.Equal(HttpStatusCode.TooManyRequests, refused.StatusCode);
        Assert.InRange(refused.Headers.RetryAfter!.Delta!.Value, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(12));
        Assert.Equal(HttpStatusCode.OK, (await known.GetAsync("/api/live")).StatusCode);
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
    public async Task A_user_signed_in_with_a_read_key_sees_the_pages_but_not_the_dashboard()
    {
        using HttpClient admin = gateway.Program(gateway.Ours.ApiKey);
        string key = (string)(await Make(admin, "reader", "read"))["key"]!;
        using HttpClient browser = gateway.Browser();
        await browser.SignIn(key);

        Assert.Equal(HttpStatusCode.OK, (await browser.GetAsync("/project")).StatusCode);
        using HttpResponseMessage dashboard = await browser.GetAsync("/dashboard/DashboardCounters");
        Assert.Equal(HttpStatusCode.Redirect, dashboard.StatusCode);
        Assert.StartsWith("/admins-only", dashboard.Headers.Location!.PathAndQueryOrText(), StringComparison.Ordinal);
        string page = await browser.GetStringAsync("/project");
        Assert.DoesNotContain("Create a key", page, StringComparison.Ordinal);
        using HttpResponseMessage save = await browser.PostAsync("/project/keys", Form(page, ("name", "mine"), ("role", "admin")));
        Assert.Equal(HttpStatusCode.Redirect, save.StatusCode);
    }

    [Fact]
    public async Task Revoking_a_key_signs_out_the_users_who_signed_in_with_it()
    {
        using HttpClient admin = gateway.Program(gateway.Ours.ApiKey);
        JsonNode made = await Make(admin, "reader", "read");
        using HttpClient browser = gateway.Browser();
        await browser.SignIn((string)made["key"]!);
        Assert.Equal(HttpStatusCode.OK, (await browser.GetAsync("/live")).StatusCode);

        await admin.DeleteAsync($"/api/project/keys/{made["id"]}");

        Assert.Equal(HttpStatusCode.Redirect, (await browser.GetAsync("/live")).StatusCode);
    }

    [Fact]
    public async Task A_cookie_can_read_the_API_and_can_write_only_with_the_antiforgery_token()
    {
        TestGateway.Project project = gateway.NextProject();
        using HttpClient browser = gateway.Browser();
        await browser.SignIn(project.ApiKey);
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
    public async Task The_project_page_saves_settings_and_names_the_wrong_ones()
    {
        TestGateway.Project project = gateway.NextProject();
        using HttpClient browser = gateway.Browser();
        await browser.SignIn(project.ApiKey);
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
        Assert.Contains("Bounce limit must be from 0 to 3,600 seconds.", said, StringComparison.Ordinal);
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
