using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;

namespace Sessions.Tests.Web.Api.Persons;

/// <summary>Persons over HTTP: look up, export, delete, and the log of deletions.</summary>
public sealed class PersonApiTests(LoneTestGateway gateway) : IClassFixture<LoneTestGateway>
{
    [Fact]
    public async Task A_person_is_looked_up_by_any_id()
    {
        (TestGateway.Project project, HttpClient admin) = Admin();
        string anonymous = Unique("anon"), ann = Unique("ann@example.org");
        await SendIdentified(project, anonymous, ann);

        foreach (string id in new[] { anonymous, ann })
        {
            JsonNode person = JsonNode.Parse(await admin.GetStringAsync($"/api/persons?distinct_id={Uri.EscapeDataString(id)}"))!;

            Assert.Equal(new[] { anonymous, ann }.Order(StringComparer.Ordinal), Ids(person));
            Assert.Equal((1, 1, 0), ((int)person["sessions"]!, (int)person["live"]!, (int)person["replays"]!));
        }
    }

    [Fact]
    public async Task A_persons_export_has_everything_stored_about_the_person()
    {
        (TestGateway.Project project, HttpClient admin) = Admin();
        string anonymous = Unique("anon"), ben = Unique("ben/1");
        await SendIdentified(project, anonymous, ben);
        await Send(project, Unique("other"), "looked");

        string[] lines = (await admin.GetStringAsync($"/api/persons/{Uri.EscapeDataString(ben)}/export")).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        JsonNode[] read = [.. lines.Select(line => JsonNode.Parse(line)!)];

        Assert.Equal(["person", "session", "event", "event"], read.Select(line => (string)line["type"]!));
        Assert.Equal(2, Ids(read[0]).Count());
        Assert.Equal(2, (int)read[1]["session"]!["$event_count"]!);
        Assert.Equal(["$identify", "looked"], read[2..].Select(line => (string)line["event"]!["event"]!).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_deleted_person_is_gone_and_the_deletion_log_has_an_entry_without_the_id()
    {
        (TestGateway.Project project, HttpClient admin) = Admin();
        string anonymous = Unique("anon"), cid = Unique("cid 100% ü");
        await SendIdentified(project, anonymous, cid);

        using HttpResponseMessage answer = await admin.DeleteAsync($"/api/persons/{Uri.EscapeDataString(cid)}");
        JsonNode deletion = JsonNode.Parse(await answer.Content.ReadAsStringAsync())!;

        Assert.Contains(answer.StatusCode, new[] { HttpStatusCode.OK, HttpStatusCode.Accepted });
        Assert.Equal(new[] { anonymous, cid }.Order(StringComparer.Ordinal), Ids(deletion));
        deletion = await Finished(admin, (string)deletion["id"]!);
        Assert.Equal((1, 2, 0), ((int)deletion["sessions"]!, (int)deletion["events"]!, (int)deletion["replays"]!));
        Assert.Null(deletion["distinct_ids"]);
        Assert.Equal(0, (int)JsonNode.Parse(await admin.GetStringAsync($"/api/persons?distinct_id={Uri.EscapeDataString(cid)}"))!["sessions"]!);
        Assert.Empty(await DatabaseText.TablesWith(gateway.Database, cid));
        Assert.Empty(await DatabaseText.TablesWith(gateway.Database, anonymous));

        string log = await admin.GetStringAsync($"/api/audit?distinct_id={Uri.EscapeDataString(cid)}");
        JsonArray entries = JsonNode.Parse(log)!["results"]!.AsArray();
        Assert.DoesNotContain(cid, log, StringComparison.Ordinal);
        Assert.Equal(["person.looked_up", "person.deleted", "person.deletion_asked"], entries.Select(entry => (string)entry!["action"]!));
        Assert.Equal(["the configured key", "the server", "the configured key"], entries.Select(entry => (string)entry!["actor"]!));
        Assert.Equal((string)deletion["id"]!, (string)JsonNode.Parse(await admin.GetStringAsync($"/api/persons/deletions?distinct_id={Uri.EscapeDataString(cid)}"))!["results"]![0]!["id"]!);
    }

    [Fact]
    public async Task Events_sent_again_after_a_deletion_are_dropped_with_the_reason()
    {
        (TestGateway.Project project, HttpClient admin) = Admin();
        string dan = Unique("dan");
        string body = Body(project, dan, "looked", Now());
        await Post(body);
        using HttpResponseMessage answer = await admin.DeleteAsync($"/api/persons/{dan}");
        // While it goes on the event is still known, and counts as one that came twice.
        await Finished(admin, (string)JsonNode.Parse(await answer.Content.ReadAsStringAsync())!["id"]!);

        using HttpClient sdk = gateway.Program(null);
        using HttpResponseMessage again = await sdk.PostAsync("/capture/", new StringContent(body, Encoding.UTF8, "application/json"));

        Assert.Contains("person_deleted", await again.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("GET", "/api/persons?distinct_id=ann")]
    [InlineData("GET", "/api/persons/ann/export")]
    [InlineData("GET", "/api/persons/deletions")]
    [InlineData("GET", "/api/audit")]
    [InlineData("DELETE", "/api/persons/ann")]
    public async Task A_read_key_cannot_use_the_person_API(string method, string path)
    {
        (_, HttpClient admin) = Admin();
        using HttpResponseMessage made = await admin.PostAsJsonAsync("/api/project/keys", new { name = "reader", role = "read" });
        using HttpClient reader = gateway.Program((string)JsonNode.Parse(await made.Content.ReadAsStringAsync())!["key"]!);

        using HttpResponseMessage answer = await reader.SendAsync(new HttpRequestMessage(new HttpMethod(method), path));

        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
    }

    [Theory]
    [InlineData("GET", "/api/persons", "distinct_id")]
    [InlineData("GET", "/api/persons?distinct_id=", "distinct_id")]
    [InlineData("GET", "/api/persons/export", "distinct_id")]
    [InlineData("DELETE", "/api/persons", "distinct_id")]
    [InlineData("GET", "/api/persons/deletions?cursor=x", "cursor")]
    [InlineData("GET", "/api/persons/deletions?limit=0", "limit")]
    [InlineData("GET", "/api/persons/deletions/x", "id")]
    [InlineData("GET", "/api/audit?action=x", "action")]
    [InlineData("GET", "/api/audit?cursor=x", "cursor")]
    public async Task A_wrong_field_is_named_in_the_error(string method, string path, string field)
    {
        (_, HttpClient admin) = Admin();
        using HttpResponseMessage answer = await admin.SendAsync(new HttpRequestMessage(new HttpMethod(method), path));

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Equal(field, (string?)(await answer.Content.ReadFromJsonAsync<JsonObject>())!["field"]);
    }

    [Fact]
    public async Task An_id_that_equals_a_path_of_the_API_works()
    {
        (_, HttpClient admin) = Admin();
        using HttpResponseMessage export = await admin.GetAsync("/api/persons/deletions/export");
        using HttpResponseMessage deleted = await admin.DeleteAsync("/api/persons/deletions");

        Assert.Equal("application/x-ndjson", export.Content.Headers.ContentType!.MediaType);
        Assert.True(deleted.IsSuccessStatusCode);
    }

    [Fact]
    public async Task The_deletion_log_lists_who_did_what_page_by_page()
    {
        (_, HttpClient admin) = Admin();
        using HttpResponseMessage made = await admin.PostAsJsonAsync("/api/project/keys", new { name = "deputy", role = "admin" });
        JsonNode key = JsonNode.Parse(await made.Content.ReadAsStringAsync())!;
        using HttpClient deputy = gateway.Program((string)key["key"]!);
        using HttpResponseMessage changed = await deputy.PutAsJsonAsync("/api/project", new { name = "Shop", retention_days = 90 });
        using HttpResponseMessage exported = await deputy.GetAsync("/api/export/sessions");
        await exported.Content.ReadAsStringAsync();
        using HttpResponseMessage revoked = await admin.DeleteAsync($"/api/project/keys/{key["id"]}");
        using HttpResponseMessage again = await admin.DeleteAsync($"/api/project/keys/{key["id"]}");

        List<JsonNode> log = [];
        string? cursor = null;
        do
        {
            JsonNode page = JsonNode.Parse(await admin.GetStringAsync($"/api/audit?limit=2&cursor={cursor}"))!;
            log.AddRange(page["results"]!.AsArray().Select(entry => entry!.DeepClone()));
            cursor = (string?)page["next"];
        }
        while (cursor is not null);

        string ending = (string)key["ending"]!;
        Assert.Equal(
            [
                "the configured key key.revoked refused",
                "the configured key key.revoked done",
                $"deputy (…{ending}) sessions.exported done",
                $"deputy (…{ending}) settings.changed done",
                "the configured key key.made done",
            ],
            log.Select(entry => $"{entry["actor"]} {entry["action"]} {entry["result"]}"));
        Assert.Equal("""{"changed":["name","retention_days"]}""", log[3]["detail"]!.ToJsonString().Replace(" ", "", StringComparison.Ordinal));
        Assert.Equal((string)key["id"]!, (string)log[3]["actor_key"]!);
    }

    private static string Unique(string name) => $"{name}-{Guid.NewGuid():N}";

    private static DateTimeOffset Now() => TimeProvider.System.GetUtcNow();

    private static IEnumerable<string> Ids(JsonNode person) =>
        person["distinct_ids"]!.AsArray().Select(id => (string)id!).Order(StringComparer.Ordinal);

    private static string Body(TestGateway.Project project, string distinctId, string name, DateTimeOffset time, object? properties = null) =>
        new JsonObject
        {
            ["api_key"] = project.Token,
            ["uuid"] = Guid.CreateVersion7().ToString(),
            ["event"] = name,
            ["distinct_id"] = distinctId,
            ["timestamp"] = time.ToString("O"),
            ["properties"] = System.Text.Json.JsonSerializer.SerializeToNode(properties ?? new { }),
        }.ToJsonString();

    private (TestGateway.Project Project, HttpClient Admin) Admin()
    {
        TestGateway.Project project = gateway.NextProject();
        return (project, gateway.Program(project.ApiKey));
    }

    private async Task Send(TestGateway.Project project, string distinctId, string name) =>
        await Post(Body(project, distinctId, name, Now()));

    private async Task SendIdentified(TestGateway.Project project, string anonymous, string person)
    {
        await Post(Body(project, anonymous, "looked", Now().AddSeconds(-1)));
        await Post(Body(project, person, "$identify", Now(), new Dictionary<string, string> { ["$anon_distinct_id"] = anonymous }));
        // Their session's row shows whose it is within seconds; a question must not wait for that here.
        await Wait(async () => (await DatabaseText.TablesWith(gateway.Database, person)).Contains("tracking.sessions"));
    }

    private async Task Post(string body)
    {
        using HttpClient sdk = gateway.Program(null);
        using HttpResponseMessage answer = await sdk.PostAsync("/capture/", new StringContent(body, Encoding.UTF8, "application/json"));
        Assert.Equal("""{"status":"Ok"}""", await answer.Content.ReadAsStringAsync());
    }

    /// <summary>A deletion when it is done: on a busy machine the call that asked for it may be answered before.</summary>
    internal static async Task<JsonNode> Finished(HttpClient admin, string deletion)
    {
        JsonNode found = null!;
        await Wait(async () => (string)(found = JsonNode.Parse(await admin.GetStringAsync($"/api/persons/deletions/{deletion}"))!)["state"]! == "done");
        return found;
    }

    private static async Task Wait(Func<Task<bool>> holds)
    {
        long begun = TimeProvider.System.GetTimestamp();
        while (!await holds())
        {
            Assert.True(TimeProvider.System.GetElapsedTime(begun) < TimeSpan.FromMinutes(1), "It did not come to hold within a minute.");
            await Task.Yield();
        }
    }
}
