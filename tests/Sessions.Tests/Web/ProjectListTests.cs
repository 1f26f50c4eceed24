using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Npgsql;
using Sessions.SystemTests.Harness;

namespace Sessions.Tests.Web;

/// <summary>The operator makes, lists, renames and archives projects; nobody else does.</summary>
public sealed class ProjectListTests(TestGateway gateway) : IClassFixture<TestGateway>
{
    [Fact]
    public async Task A_new_project_takes_events_at_once_and_its_key_and_login_see_them_alone()
    {
        using HttpClient admin = gateway.Program(TestGateway.OperatorKey);
        string id = NewId();

        using HttpResponseMessage answer = await admin.PostAsJsonAsync("/api/projects", new { id, name = "Shop <b>EU</b>" });
        JsonNode made = (await answer.Content.ReadFromJsonAsync<JsonNode>())!;
        Guid session = await Capture((string)made["token"]!);

        Assert.Equal((HttpStatusCode.Created, id), (answer.StatusCode, (string)made["id"]!));
        using HttpClient program = gateway.Program((string)made["api_key"]!);
        Assert.Equal("Shop <b>EU</b>", (string)JsonNode.Parse(await program.GetStringAsync("/api/project"))!["name"]!);
        Assert.Equal(HttpStatusCode.OK, (await program.GetAsync($"/api/sessions/{session}")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await gateway.Program(gateway.Ours.ApiKey).GetAsync($"/api/sessions/{session}")).StatusCode);
        Assert.DoesNotMatch("Application Name|Pool|Prepare|Timeout", (string)made["postgres_reader"]!);
        await using NpgsqlConnection reader = new((string)made["postgres_reader"]!);
        await reader.OpenAsync();
        await using NpgsqlCommand count = new("select count(*) from events", reader);
        Assert.Equal(1L, await count.ExecuteScalarAsync());
    }

    [Theory]
    [InlineData("""{"id":"Shop"}""", "id", 400)]
    [InlineData("""{"id":""}""", "id", 400)]
    [InlineData("""{"name":"x"}""", "id", 400)]
    [InlineData("""{"id":7}""", "id", 400)]
    [InlineData("""{"id":"a-long-id-of-more-than-forty-characters-is-none"}""", "id", 400)]
    [InlineData("""{"id":"fine","name":""}""", "name", 400)]
    [InlineData("""{"id":"fine","color":"red"}""", "color", 400)]
    [InlineData("[]", "body", 400)]
    [InlineData("""{"id":"default"}""", "id", 409)]
    public async Task A_wrong_or_taken_field_of_a_new_project_is_named(string body, string field, int status)
    {
        using HttpClient admin = gateway.Program(TestGateway.OperatorKey);

        using HttpResponseMessage answer = await admin.PostAsync("/api/projects", new StringContent(body));

        Assert.Equal((status, field), ((int)answer.StatusCode, (string?)(await answer.Content.ReadFromJsonAsync<JsonNode>())!["field"]));
    }

    [Fact]
    public async Task The_list_goes_through_all_projects_and_shows_no_keys()
    {
        using HttpClient admin = gateway.Program(TestGateway.OperatorKey);
        List<JsonNode> listed = [];
        string? cursor = null;
        do
        {
            JsonNode page = JsonNode.Parse(await admin.GetStringAsync($"/api/projects?limit=70&cursor={cursor}"))!;
            listed.AddRange(page["results"]!.AsArray().Select(project => project!));
            cursor = (string?)page["next"];
        }
        while (cursor is not null);

        Assert.Contains(gateway.Ours.Id, listed.Select(project => (string)project["id"]!));
        Assert.Equal(listed.Count, listed.DistinctBy(project => (string)project["id"]!).Count());
        Assert.All(listed, project => Assert.Equal(["id", "name", "archived", "created_at"], project.AsObject().Select(member => member.Key)));
    }

    [Fact]
    public async Task An_archived_projects_token_is_unknown_and_its_sessions_can_be_read_until_it_is_taken_back()
    {
        using HttpClient admin = gateway.Program(TestGateway.OperatorKey);
        TestGateway.Project project = gateway.NextProject();
        Guid session = await Capture(project.Token);

        JsonNode archived = await Patch(admin, project.Id, new { archived = true });
        HttpStatusCode refused = await Send(project.Token, Guid.CreateVersion7());
        HttpStatusCode read = (await gateway.Program(project.ApiKey).GetAsync($"/api/sessions/{session}")).StatusCode;
        JsonNode restored = await Patch(admin, project.Id, new { archived = false, name = "again" });

        Assert.Equal((true, HttpStatusCode.Unauthorized, HttpStatusCode.OK), ((bool)archived["archived"]!, refused, read));
        Assert.Equal((false, "again"), ((bool)restored["archived"]!, (string)restored["name"]!));
        Assert.Equal(HttpStatusCode.OK, await Send(project.Token, Guid.CreateVersion7()));
    }

    [Fact]
    public async Task The_operator_chooses_the_project_of_a_call_with_a_header_that_other_keys_cannot_use()
    {
        TestGateway.Project ours = gateway.NextProject(), theirs = gateway.NextProject();
        Guid session = await Capture(ours.Token);
        using HttpClient admin = gateway.Program(TestGateway.OperatorKey);
        using HttpClient other = gateway.Program(theirs.ApiKey);
        admin.DefaultRequestHeaders.Add("X-Project", ours.Id);
        other.DefaultRequestHeaders.Add("X-Project", ours.Id);

        Assert.Equal(HttpStatusCode.OK, (await admin.GetAsync($"/api/sessions/{session}")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await other.GetAsync($"/api/sessions/{session}")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await other.GetAsync("/api/project")).StatusCode);
        using HttpClient lost = gateway.Program(TestGateway.OperatorKey);
        lost.DefaultRequestHeaders.Add("X-Project", "there-is-none");
        using HttpResponseMessage unknown = await lost.GetAsync("/api/project");
        Assert.Equal((HttpStatusCode.NotFound, "application/problem+json"), (unknown.StatusCode, unknown.Content.Headers.ContentType!.MediaType));
    }

    [Theory]
    [InlineData("<script>alert(1)</script>&amp;\"'")]
    [InlineData("\u05d7\u05e0\u05d5\u05ea \u202eshop \u0645\u062a\u062c\u0631")]
    [InlineData("\U0001f6d2 \U0001f469\u200d\U0001f469\u200d\U0001f467 caf\u00e9 \u65e5\u672c")]
    [InlineData("a name of one hundred characters that goes on and on and on until it has them all, with nothing to say")]
    [InlineData("OneHundredLettersWithoutAnySpaceOneHundredLettersWithoutAnySpaceOneHundredLettersWithoutAnySpaceOneHu")]
    public async Task Any_name_is_kept_and_breaks_no_page(string name)
    {
        using HttpClient admin = gateway.Program(TestGateway.OperatorKey);
        using HttpClient browser = gateway.Browser();
        await browser.SignIn(TestGateway.OperatorKey);
        string id = NewId();
        // The longest name.
        name = name[..Math.Min(name.Length, 100)];

        using HttpResponseMessage made = await admin.PostAsJsonAsync("/api/projects", new { id, name });
        string list = await browser.GetStringAsync("/projects");
        await browser.PostAsync("/projects/open", Form(SignInForm.MarkOf(list), ("id", id)));
        string project = await browser.GetStringAsync("/project");

        Assert.Equal(HttpStatusCode.Created, made.StatusCode);
        Assert.Equal(name, (string)JsonNode.Parse(await admin.GetStringAsync($"/api/projects/{id}"))!["name"]!);
        foreach (string page in (string[])[list, project])
        {
            Assert.Contains(name, WebUtility.HtmlDecode(page), StringComparison.Ordinal);
            Assert.DoesNotContain("<script>alert", page, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("GET", "/api/projects")]
    [InlineData("POST", "/api/projects")]
    [InlineData("GET", "/api/projects/default")]
    [InlineData("PATCH", "/api/projects/default")]
    [InlineData("DELETE", "/api/projects/default")]
    public async Task A_projects_admin_key_is_refused(string method, string path)
    {
        using HttpClient admin = gateway.Program(gateway.Ours.ApiKey);
        using HttpRequestMessage request = new(new HttpMethod(method), path) { Content = new StringContent("""{"id":"mine"}""") };

        using HttpResponseMessage answer = await admin.SendAsync(request);

        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
    }

    [Fact]
    public async Task The_operators_page_makes_a_project_and_opens_it_and_an_admins_browser_sees_neither_it_nor_the_dashboard()
    {
        using HttpClient browser = gateway.Browser();
        await browser.SignIn(TestGateway.OperatorKey);
        string id = NewId();
        string mark = SignInForm.MarkOf(await browser.GetStringAsync("/projects"));

        using HttpResponseMessage made = await browser.PostAsync("/projects", Form(mark, ("id", id), ("name", "Game")));
        string page = await browser.GetStringAsync("/projects?done=made"), reloaded = await browser.GetStringAsync("/projects?done=made");
        using HttpResponseMessage opened = await browser.PostAsync("/projects/open", Form(mark, ("id", id)));
        string project = await browser.GetStringAsync("/project");

        // A reload of the page makes no second project.
        Assert.Equal((HttpStatusCode.Redirect, "/projects?done=made#made"), (made.StatusCode, made.Headers.Location?.OriginalString));
        Assert.Matches("id=\"made-key\"[^>]*>sk_", page);
        Assert.Contains("id=\"made-reader\"", page, StringComparison.Ordinal);
        Assert.DoesNotContain("sk_", reloaded, StringComparison.Ordinal);
        Assert.Contains("were shown once", reloaded, StringComparison.Ordinal);
        Assert.Equal("/", opened.Headers.Location!.OriginalString);
        Assert.Contains("<h1>Game</h1>", project, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, (await browser.GetAsync("/dashboard/DashboardCounters")).StatusCode);
        using HttpClient admin = gateway.Browser();
        await admin.SignIn(gateway.Ours.ApiKey);
        foreach (string path in (string[])["/projects", "/dashboard/DashboardCounters"])
        {
            using HttpResponseMessage refused = await admin.GetAsync(path);
            Assert.StartsWith("/admins-only", refused.Headers.Location!.OriginalString, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task What_the_operator_does_is_in_the_projects_audit_log()
    {
        using HttpClient admin = gateway.Program(TestGateway.OperatorKey);
        string id = NewId();
        (await admin.PostAsJsonAsync("/api/projects", new { id })).EnsureSuccessStatusCode();
        await Patch(admin, id, new { archived = true });
        await Patch(admin, id, new { archived = true });
        await Patch(admin, id, new { archived = false, name = "new" });
        admin.DefaultRequestHeaders.Add("X-Project", id);

        JsonArray lines = JsonNode.Parse(await admin.GetStringAsync("/api/audit"))!["results"]!.AsArray();

        Assert.Equal(
            ["settings.changed", "project.restored", "project.archived", "project.made"], lines.Select(line => (string)line!["action"]!));
        Assert.All(lines, line => Assert.Equal("the operator", (string)line!["actor"]!));
    }

    private async Task<Guid> Capture(string token)
    {
        var session = Guid.CreateVersion7();
        Assert.Equal(HttpStatusCode.OK, await Send(token, session));
        return session;
    }

    private async Task<HttpStatusCode> Send(string token, Guid session)
    {
        using HttpClient sdk = gateway.Program(apiKey: null);
        using HttpResponseMessage answer = await sdk.PostAsJsonAsync("/i/v0/e/", new
        {
            api_key = token,
            @event = "$pageview",
            uuid = Guid.NewGuid(),
            distinct_id = "ann",
            properties = new Dictionary<string, object> { ["$session_id"] = session },
        });
        return answer.StatusCode;
    }

    private static async Task<JsonNode> Patch(HttpClient admin, string id, object change)
    {
        using HttpResponseMessage answer = await admin.PatchAsJsonAsync($"/api/projects/{id}", change);
        answer.EnsureSuccessStatusCode();
        return (await answer.Content.ReadFromJsonAsync<JsonNode>())!;
    }

    private static FormUrlEncodedContent Form(string mark, params (string Name, string Value)[] fields) => new(
        fields.Append(("__RequestVerificationToken", mark)).ToDictionary(field => field.Item1, field => field.Item2));

    private static string NewId() => $"made-{Guid.NewGuid():N}";
}
