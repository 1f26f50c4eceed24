using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Sessions.SystemTests.Harness;

namespace Sessions.Tests.Web;

/// <summary>The audit log says who did what.</summary>
public sealed class AuditTests(TestGateway gateway) : IClassFixture<TestGateway>
{
    [Fact]
    public async Task Signing_in_and_out_is_logged()
    {
        TestGateway.Project project = gateway.NextProject();
        using HttpClient browser = gateway.Browser();
        await browser.SignIn(project.ApiKey);
        string mark = SignInForm.MarkOf(await browser.GetStringAsync("/"));
        await browser.PostAsync("/signout", new FormUrlEncodedContent(new Dictionary<string, string> { ["__RequestVerificationToken"] = mark }));

        Assert.Equal([("signed_out", "page", "done"), ("signed_in", "page", "done")], await Log(project));
    }

    [Fact]
    public async Task Each_change_of_a_webhook_is_logged()
    {
        TestGateway.Project project = gateway.NextProject();
        using HttpClient admin = gateway.Program(project.ApiKey);
        using HttpResponseMessage made = await admin.PostAsJsonAsync("/api/project/webhooks", new { url = "https://hooks.example.org/a" });
        string id = (string)(await made.Content.ReadFromJsonAsync<JsonNode>())!["id"]!;
        await admin.PutAsJsonAsync($"/api/project/webhooks/{id}", new { active = true });
        await admin.PostAsync($"/api/project/webhooks/{id}/test", null);
        await admin.PostAsync($"/api/project/webhooks/{id}/secret", null);
        await admin.DeleteAsync($"/api/project/webhooks/{id}");
        await admin.DeleteAsync($"/api/project/webhooks/{id}");

        Assert.Equal(
            [
                ("webhook.deleted", "api", "refused"), ("webhook.deleted", "api", "done"), ("webhook.secret_changed", "api", "done"),
                ("webhook.tested", "api", "done"), ("webhook.changed", "api", "done"), ("webhook.made", "api", "done"),
            ],
            await Log(project));
    }

    [Fact]
    public async Task SQL_is_logged_with_the_hash_of_its_text_and_the_number_of_rows()
    {
        TestGateway.Project project = gateway.NextProject();
        using HttpClient admin = gateway.Program(project.ApiKey);

        (await admin.PostAsJsonAsync("/api/sql", new { query = "select * from (values (1), (2)) as two (n)" })).EnsureSuccessStatusCode();
        JsonNode line = JsonNode.Parse(await admin.GetStringAsync("/api/audit"))!["results"]![0]!;

        Assert.Equal(("sql.run", "done", 2), ((string)line["action"]!, (string)line["result"]!, (int)line["detail"]!["rows"]!));
        Assert.Equal(64, ((string)line["detail"]!["query_sha256"]!).Length);
        Assert.DoesNotContain("two", line.ToJsonString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_reset_of_a_device_and_a_look_up_of_a_person_are_logged_without_their_ids()
    {
        TestGateway.Project project = gateway.NextProject();
        using HttpClient admin = gateway.Program(project.ApiKey);

        Assert.Equal(HttpStatusCode.NotFound, (await admin.PostAsync("/api/devices/ann-of-the-log/reset", null)).StatusCode);
        await admin.GetAsync("/api/persons?distinct_id=ann-of-the-log");

        Assert.Equal([("person.looked_up", "api", "done"), ("device.reset", "api", "refused")], await Log(project));
        Assert.DoesNotContain("ann-of-the-log", await admin.GetStringAsync("/api/audit"), StringComparison.Ordinal);
    }

    private async Task<(string Action, string Way, string Result)[]> Log(TestGateway.Project project)
    {
        using HttpClient admin = gateway.Program(project.ApiKey);
        JsonArray lines = JsonNode.Parse(await admin.GetStringAsync("/api/audit"))!["results"]!.AsArray();
        return [.. lines.Select(line => ((string)line!["action"]!, (string)line["way"]!, (string)line["result"]!))];
    }
}
