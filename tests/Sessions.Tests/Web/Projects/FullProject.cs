using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Npgsql;
using Sessions.SystemTests.Harness;
using Sessions.Tests.Web.Replay;

namespace Sessions.Tests.Web.Projects;

/// <summary>A project that the operator made and that has data of every kind, with a mark in all of it.</summary>
internal sealed class FullProject
{
    private FullProject(string id, string mark, JsonNode made, string address)
    {
        Id = id;
        Mark = mark;
        Token = (string)made["token"]!;
        ApiKey = (string)made["api_key"]!;
        Reader = (string)made["postgres_reader"]!;
        Api = TestGateway.ProgramAt(address, ApiKey);
        Browser = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false }) { BaseAddress = new Uri(address) };
    }

    public string Id { get; }

    /// <summary>What the project's names, ids and addresses have in them, and no other project's.</summary>
    public string Mark { get; }

    public string Token { get; }

    public string ApiKey { get; }

    /// <summary>The connection string of the SQL login.</summary>
    public string Reader { get; }

    /// <summary>A program with the project's key.</summary>
    public HttpClient Api { get; }

    /// <summary>A browser that signed in with it.</summary>
    public HttpClient Browser { get; }

    /// <summary>A session that is live and has a recording.</summary>
    public Guid Live { get; } = Guid.CreateVersion7();

    /// <summary>A session that has ended.</summary>
    public Guid Ended { get; } = Guid.CreateVersion7();

    public Guid Webhook { get; private set; }

    public Guid Key { get; private set; }

    public Guid Deletion { get; private set; }

    public string Person => $"{Mark}-ann";

    public static async Task<FullProject> Make(TestGateway gateway, string id, string mark)
    {
        using HttpClient admin = gateway.Program(TestGateway.OperatorKey);
        using HttpResponseMessage answer = await admin.PostAsJsonAsync("/api/projects", new { id, name = $"{mark} Shop" });
        Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
        FullProject project = new(id, mark, (await answer.Content.ReadFromJsonAsync<JsonNode>())!, gateway.Address);
        await project.Fill();
        return project;
    }

    /// <summary>Sends an event and returns the status of the answer.</summary>
    public async Task<HttpStatusCode> Send(Guid session, string person, string name = "$pageview", params (string Name, JsonNode? Value)[] more)
    {
        JsonObject properties = new()
        {
            ["$session_id"] = session,
            ["$window_id"] = $"{Mark}-window",
            ["$current_url"] = $"https://{Mark}.example/{Mark}?utm_source={Mark}",
            ["$referrer"] = $"https://{Mark}-referrer.example/",
            ["note"] = $"{Mark} note",
        };
        foreach ((string key, JsonNode? value) in more)
        {
            properties[key] = value;
        }

        using HttpResponseMessage answer = await Api.PostAsync("/i/v0/e/", JsonContent.Create(new JsonObject
        {
            ["api_key"] = Token,
            ["event"] = name,
            ["uuid"] = Guid.NewGuid(),
            ["distinct_id"] = person,
            ["properties"] = properties,
        }));
        return answer.StatusCode;
    }

    public async Task<JsonNode> Post(string path, object body)
    {
        using HttpResponseMessage answer = await Api.PostAsJsonAsync(path, body);
        string said = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.IsSuccessStatusCode, $"{path}: {said}");
        return JsonNode.Parse(said)!;
    }

    private async Task Fill()
    {
        await Taken(Send(Ended, $"{Mark}-bob"));
        await Post($"/api/devices/{Mark}-bob/reset", new { });
        await Taken(Send(Live, Person));
        await Taken(Send(Live, Person, $"{Mark} bought"));
        await Taken(Send(Live, Person, "$identify", ("$anon_distinct_id", $"{Mark}-anon")));
        JsonObject snapshot = Recording.Snapshot(Live, Person, Recording.Page(0, $"https://{Mark}.example/recorded"), Recording.Click(1));
        snapshot["api_key"] = Token;
        (HttpStatusCode recorded, _) = await Api.Send(new JsonArray(snapshot).ToJsonString());
        Assert.Equal(HttpStatusCode.OK, recorded);

        Webhook = (Guid)(await Post("/api/project/webhooks", new { url = $"https://{Mark}.example/hook", events = (string[])["session.started", "session.ended"] }))["id"]!;
        await Post($"/api/project/webhooks/{Webhook}/test", new { });
        Key = (Guid)(await Post("/api/project/keys", new { name = $"{Mark} key", role = "read" }))["id"]!;
        await Post($"/api/sessions/{Live}/replay/share", new { expires_in_seconds = 3600 });
        await Post("/api/sql", new { query = "select count(*) from sessions" });
        await Taken(Send(Guid.CreateVersion7(), $"{Mark}-gone"));
        using HttpResponseMessage deleted = await Api.DeleteAsync($"/api/persons/{Mark}-gone");
        Deletion = (Guid)(await deleted.Content.ReadFromJsonAsync<JsonNode>())!["id"]!;
        using HttpResponseMessage signedIn = await Browser.SignIn(ApiKey);
        Assert.Equal(HttpStatusCode.Redirect, signedIn.StatusCode);
    }

    private static async Task Taken(Task<HttpStatusCode> sending) => Assert.Equal(HttpStatusCode.OK, await sending);

    /// <summary>Adds the rows that only time makes: of days that are about to go, of quotas and reminders.</summary>
    public async Task Age(NpgsqlDataSource database)
    {
        await using NpgsqlBatch batch = database.CreateBatch();
        foreach (string statement in (string[])
            [
                "insert into tracking.project_uses values ('2020-01-01', $1, gen_random_uuid(), 1, 1, now())",
                "insert into tracking.changes (project, session_id) values ($1, gen_random_uuid())",
                """
                with holder as (insert into tracking.copy_holders values (gen_random_uuid(), 'long away', '2020-01-01') returning holder)
                insert into tracking.copies select $1, holder, '0' from holder
                """,
                "insert into tracking.leaving_days (day, project) values ('2020-01-01', $1)",
                "insert into tracking.leaving_sessions values ('2020-01-01', $1, gen_random_uuid(), '{}')",
                "insert into tracking.leaving_replays (project, before) values ($1, '2020-01-01')",
                "insert into tracking.sign_in_tickets values (sha256(gen_random_uuid()::text::bytea), $1, now() + interval '1 day')",
                "insert into tracking.forgotten_sessions (project, session_id, number, born) values ($1, gen_random_uuid(), 1, '2020-01-01')",
                "insert into tracking.journal_20200102 select j.* from tracking.journal j where j.project = $1 limit 1",
                "insert into orleans.orleansreminderstable values ('test', 'device/' || $1 || '~nobody', 'idle', now(), 60000, 1, 1)",
                "insert into orleans.orleansreminderstable select 'test', 'device/' || $1 || '~' || device_key, 'idle', now(), 60000, 1, 1 from tracking.devices where project = $1",
            ])
        {
            batch.BatchCommands.Add(new NpgsqlBatchCommand(statement) { Parameters = { new NpgsqlParameter<string> { TypedValue = Id } } });
        }

        await using NpgsqlCommand detached = database.CreateCommand("create table if not exists tracking.journal_20200102 (like tracking.journal)");
        await detached.ExecuteNonQueryAsync();
        await batch.ExecuteNonQueryAsync();
    }
}
