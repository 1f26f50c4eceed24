using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Options;
using Npgsql;
using Sessions.Silo.ProjectDeletion;
using Sessions.SystemTests.Harness;

namespace Sessions.Tests.Web.Projects;

/// <summary>A deleted project is gone from everywhere, whatever still arrives, and another one can have its id.</summary>
public sealed class ProjectDeletionTests(DeletingGateway gateway) : IClassFixture<DeletingGateway>
{
    [Fact]
    public async Task A_deleted_project_leaves_no_row_and_no_login_while_events_still_arrive_and_its_id_can_be_made_again()
    {
        using HttpClient admin = gateway.Program(TestGateway.OperatorKey);
        FullProject gone = await FullProject.Make(gateway, "gone", "kiwi");
        FullProject stays = await FullProject.Make(gateway, "gone-not", "plum");
        await gone.Age(gateway.Database);
        await stays.Age(gateway.Database);
        await stays.Post($"/api/devices/{stays.Person}/reset", new { });
        await Checkpointed(stays);
        await EveryTableHasRowsOf(gone);
        Dictionary<string, string> before = await ProjectRows.Hashes(gateway.Database, stays.Id);

        using CancellationTokenSource enough = new();
        ConcurrentBag<HttpStatusCode> answers = [];
        Task sending = Task.WhenAll(Enumerable.Range(0, 4).Select(n => Task.Run(async () =>
        {
            while (!enough.IsCancellationRequested)
            {
                answers.Add(await gone.Send(n % 2 == 0 ? gone.Live : Guid.CreateVersion7(), $"{gone.Mark}-{n}"));
            }
        })));
        await TestGateway.Until(() => Task.FromResult(answers.Count > 20));
        using HttpResponseMessage accepted = await Delete(admin, gone.Id, """{"confirm":"gone"}""");
        HttpStatusCode token = await gone.Send(gone.Live, gone.Person);
        HttpStatusCode key = (await gone.Api.GetAsync("/api/project")).StatusCode;
        HttpStatusCode listed = (await admin.GetAsync("/api/projects/gone")).StatusCode;
        HttpStatusCode chosen = await Chosen(gone.Id);
        HttpStatusCode again = (await Delete(admin, gone.Id, """{"confirm":"gone"}""")).StatusCode;
        HttpStatusCode taken = (await admin.PostAsJsonAsync("/api/projects", new { id = "gone" })).StatusCode;
        string page = await gone.Browser.GetAsync("/") is { Headers.Location: { } to } ? to.OriginalString : "";
        await TestGateway.Until(async () => (await ProjectRows.Count(gateway.Database, gone.Id))["tracking.projects"] == 0);
        await enough.CancelAsync();
        await sending;

        Assert.Equal(HttpStatusCode.Accepted, accepted.StatusCode);
        Assert.Equal("""{"id":"gone","deleting":true}""", await accepted.Content.ReadAsStringAsync());
        Assert.Equal(
            (HttpStatusCode.Unauthorized, HttpStatusCode.Unauthorized, HttpStatusCode.NotFound, HttpStatusCode.NotFound, HttpStatusCode.NotFound, HttpStatusCode.Conflict),
            (token, key, listed, chosen, again, taken));
        Assert.StartsWith("/signin", page, StringComparison.Ordinal);
        Assert.All(answers, status => Assert.Contains(status, (HttpStatusCode[])[HttpStatusCode.OK, HttpStatusCode.Unauthorized, HttpStatusCode.ServiceUnavailable]));
        Assert.All(await ProjectRows.Count(gateway.Database, gone.Id), table => Assert.True(table.Value == 0, $"{table.Key} has {table.Value} rows."));
        Assert.Empty((await ProjectRows.Hashes(gateway.Database, stays.Id)).Except(before));
        Assert.Equal(HttpStatusCode.OK, await stays.Send(Guid.CreateVersion7(), "plum-new"));
        Assert.Equal(["project.deleted", "project.deletion_asked"], await Audited(admin, gone.Id));

        using HttpResponseMessage made = await admin.PostAsJsonAsync("/api/projects", new { id = "gone" });
        Assert.Equal(HttpStatusCode.Created, made.StatusCode);
        JsonNode anew = (await made.Content.ReadFromJsonAsync<JsonNode>())!;
        using HttpClient api = gateway.Program((string)anew["api_key"]!);
        Assert.Equal("gone", (string)JsonNode.Parse(await api.GetStringAsync("/api/project"))!["name"]!);
        Assert.Empty(JsonNode.Parse(await api.GetStringAsync("/api/sessions?date_from=all"))!["results"]!.AsArray());
        Assert.Equal(HttpStatusCode.NotFound, (await api.GetAsync($"/api/sessions/{gone.Live}")).StatusCode);

        // A browser that was open all the time goes on with its session, which begins anew.
        Assert.Equal(HttpStatusCode.OK, await Capture(api, (string)anew["token"]!, gone.Live, gone.Person));
        JsonNode session = JsonNode.Parse(await api.GetStringAsync($"/api/sessions/{gone.Live}"))!;
        Assert.Equal((1, 1, false), ((int)session["$event_count"]!, (int)session["$pageview_count"]!, (bool)session["$has_replay"]!));
        await using NpgsqlConnection reader = new((string)anew["postgres_reader"]!);
        await reader.OpenAsync();
        await using NpgsqlCommand count = new("select count(*) from events", reader);
        Assert.Equal(1L, await count.ExecuteScalarAsync());
    }

    [Theory]
    [InlineData("", "confirm")]
    [InlineData("{}", "confirm")]
    [InlineData("[]", "confirm")]
    [InlineData("no json", "confirm")]
    [InlineData("""{"confirm":"other"}""", "confirm")]
    [InlineData("""{"confirm":"KEPT"}""", "confirm")]
    [InlineData("""{"confirm":null}""", "confirm")]
    [InlineData("""{"confirm":true}""", "confirm")]
    [InlineData("""{"confirm":"kept","really":true}""", "really")]
    public async Task Nothing_is_deleted_without_the_projects_id_in_the_body(string body, string field)
    {
        using HttpClient admin = gateway.Program(TestGateway.OperatorKey);
        using HttpResponseMessage made = await admin.PostAsJsonAsync("/api/projects", new { id = "kept" });

        using HttpResponseMessage answer = await Delete(admin, "kept", body);

        Assert.Equal((HttpStatusCode.BadRequest, "application/problem+json"), (answer.StatusCode, answer.Content.Headers.ContentType!.MediaType));
        Assert.Equal(field, (string?)(await answer.Content.ReadFromJsonAsync<JsonNode>())!["field"]);
        Assert.Equal(HttpStatusCode.OK, (await admin.GetAsync("/api/projects/kept")).StatusCode);
    }

    [Theory]
    [InlineData("there-is-none", HttpStatusCode.NotFound)]
    [InlineData("No%20Id", HttpStatusCode.NotFound)]
    [InlineData("default", HttpStatusCode.Conflict)]
    public async Task What_can_not_be_deleted_is_refused(string id, HttpStatusCode status)
    {
        using HttpClient admin = gateway.Program(TestGateway.OperatorKey);

        using HttpResponseMessage answer = await Delete(admin, id, $$"""{"confirm":"{{Uri.UnescapeDataString(id)}}"}""");

        Assert.Equal((status, "application/problem+json"), (answer.StatusCode, answer.Content.Headers.ContentType!.MediaType));
    }

    [Fact]
    public async Task A_projects_own_admin_can_not_delete_it()
    {
        TestGateway.Project project = gateway.NextProject();
        using HttpClient admin = gateway.Program(project.ApiKey);

        using HttpResponseMessage answer = await Delete(admin, project.Id, $$"""{"confirm":"{{project.Id}}"}""");

        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
    }

    [Fact]
    public async Task A_deletion_that_stops_between_two_batches_is_continued_by_another_silo()
    {
        TestGateway.Project project = gateway.NextProject();
        using HttpClient sdk = gateway.Program(project.ApiKey);
        for (int i = 0; i < 5; i++)
        {
            Assert.Equal(HttpStatusCode.OK, await Capture(sdk, project.Token, Guid.CreateVersion7(), $"ann-{i}"));
        }

        // No other silo may take it meanwhile.
        await Run($"update tracking.projects set deletion_leased_until = 'infinity' where project = '{project.Id}'");
        await Run($"select tracking.delete_project('{project.Id}')");
        ProjectDeletions first = new(gateway.Database, Options.Create(new ProjectDeletionOptions { BatchRows = 3 }));
        int removed = await first.Remove(project.Id) + await first.Remove(project.Id);
        bool finished = await first.TryFinish(project.Id);
        Dictionary<string, long> between = await ProjectRows.Count(gateway.Database, project.Id);

        Assert.Equal((6, false), (removed, finished));
        Assert.Equal(1, between["tracking.projects"]);
        Assert.True(between.Values.Sum() > 1, "Nothing was left to be continued.");
        await Run($"update tracking.projects set deletion_leased_until = now() where project = '{project.Id}'");
        await TestGateway.Until(async () => (await ProjectRows.Count(gateway.Database, project.Id)).Values.Sum() == 0);
    }

    [Fact]
    public async Task The_operator_deletes_a_project_on_the_page_by_typing_its_id()
    {
        using HttpClient admin = gateway.Program(TestGateway.OperatorKey);
        using HttpResponseMessage made = await admin.PostAsJsonAsync("/api/projects", new { id = "paged" });
        using HttpClient browser = gateway.Browser();
        await browser.SignIn(TestGateway.OperatorKey);
        string mark = SignInForm.MarkOf(await browser.GetStringAsync("/projects"));
        await browser.PostAsync("/projects/open", Form(mark, ("id", "paged")));
        mark = SignInForm.MarkOf(await browser.GetStringAsync("/projects"));
        await Run("update tracking.projects set deletion_leased_until = 'infinity' where project = 'paged'");

        using HttpResponseMessage wrong = await browser.PostAsync("/projects/delete", Form(mark, ("id", "paged"), ("confirm", "page")));
        using HttpResponseMessage right = await browser.PostAsync("/projects/delete", Form(mark, ("id", "paged"), ("confirm", " paged ")));
        string shown = await browser.GetStringAsync(right.Headers.Location!.OriginalString);
        mark = SignInForm.MarkOf(shown);
        using HttpResponseMessage kept = await browser.PostAsync("/projects/delete", Form(mark, ("id", "default"), ("confirm", "default")));

        Assert.Equal(HttpStatusCode.BadRequest, wrong.StatusCode);
        Assert.Contains("Nothing was deleted.", await wrong.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal("/projects?done=deleting", right.Headers.Location!.OriginalString);
        Assert.Contains("is being deleted", shown, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.BadRequest, kept.StatusCode);
        // The operator had opened the project, and is in the default one now.
        Assert.Equal(HttpStatusCode.OK, (await browser.GetAsync("/project")).StatusCode);
        await Run("update tracking.projects set deletion_leased_until = now() where project = 'paged'");
    }

    /// <summary>Waits for the rows that the silo writes a moment later, such as that of the live session's recording.</summary>
    private async Task EveryTableHasRowsOf(FullProject project)
    {
        string[] empty = [];
        await TestGateway.Until(
            async () =>
            {
                // Of the tables of days, only today's has rows.
                empty = [.. (await ProjectRows.Count(gateway.Database, project.Id))
                    .Where(table => table.Value == 0
                        && !table.Key.StartsWith("tracking.journal_", StringComparison.Ordinal)
                        && !table.Key.StartsWith("tracking.replay_blocks_", StringComparison.Ordinal))
                    .Select(table => table.Key)];
                return empty.Length == 0;
            },
            () => $"The project has no rows in {string.Join(", ", empty)}: add them to FullProject.");
    }

    private async Task Checkpointed(FullProject project) => await TestGateway.Until(async () =>
    {
        await using NpgsqlCommand behind = gateway.Database.CreateCommand(
            """
            select count(*)
            from   tracking.sessions s
            where  project = $1 and (status = 'live' or number < (
                       select max(number) from tracking.journal j where j.project = s.project and j.session_id = s.session_id)
                    or exists (
                       select from tracking.replays r
                       where  r.project = s.project and r.session_id = s.session_id and (r.clicks_due or r.clicks_lease is not null)))
            """);
        behind.Parameters.AddWithValue(project.Id);
        await using NpgsqlCommand open = gateway.Database.CreateCommand("select count(*) from tracking.person_deletions where project = $1 and finished_at is null");
        open.Parameters.AddWithValue(project.Id);
        return (long)(await behind.ExecuteScalarAsync())! + (long)(await open.ExecuteScalarAsync())! == 0;
    });

    private async Task<HttpStatusCode> Chosen(string project)
    {
        using HttpClient chooses = gateway.Program(TestGateway.OperatorKey);
        chooses.DefaultRequestHeaders.Add("X-Project", project);
        return (await chooses.GetAsync("/api/sessions")).StatusCode;
    }

    private async Task Run(string statement)
    {
        await using NpgsqlCommand command = gateway.Database.CreateCommand(statement);
        await command.ExecuteNonQueryAsync();
    }

    private static async Task<string[]> Audited(HttpClient admin, string project) =>
        [.. JsonNode.Parse(await admin.GetStringAsync("/api/audit"))!["results"]!.AsArray()
            .Where(line => (string?)line!["subject"] == project).Select(line => (string)line!["action"]!)];

    private static async Task<HttpStatusCode> Capture(HttpClient api, string token, Guid session, string person)
    {
        using HttpResponseMessage answer = await api.PostAsJsonAsync("/i/v0/e/", new
        {
            api_key = token,
            @event = "$pageview",
            uuid = Guid.NewGuid(),
            distinct_id = person,
            properties = new Dictionary<string, object> { ["$session_id"] = session },
        });
        return answer.StatusCode;
    }

    private static async Task<HttpResponseMessage> Delete(HttpClient client, string id, string body)
    {
        using HttpRequestMessage request = new(HttpMethod.Delete, $"/api/projects/{id}") { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        return await client.SendAsync(request);
    }

    private static FormUrlEncodedContent Form(string mark, params (string Name, string Value)[] fields) => new(
        fields.Append(("__RequestVerificationToken", mark)).ToDictionary(field => field.Item1, field => field.Item2));
}

/// <summary>A gateway with a database of its own, whose silo deletes projects soon.</summary>
public sealed class DeletingGateway(TestPostgres postgres) : TestGateway(postgres)
{
    protected override IReadOnlyDictionary<string, string?> Settings { get; } = new Dictionary<string, string?>
    {
        ["Sessions:ProjectDeletion:Every"] = "00:00:00.1",
        ["Sessions:ProjectDeletion:Least"] = "00:00:04",
        ["Sessions:ProjectDeletion:BatchRows"] = "7",
        ["Sessions:Persons:Every"] = "00:00:00.2",
    };

    protected override Task<string> DatabaseOf(TestPostgres server) => server.CreateDatabase();
}
