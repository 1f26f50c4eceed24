using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Npgsql;
using Sessions.Silo.Replay;
using Sessions.SystemTests.Harness;

namespace Sessions.Tests.Web.Replay;

/// <summary>Links that show one recording without sign-in.</summary>
public sealed class ShareTests(TestGateway gateway) : IClassFixture<TestGateway>
{
    private readonly TestGateway.Project _project = gateway.NextProject();
    private readonly Guid _session = Guid.CreateVersion7();
    private readonly HttpClient _anyone = gateway.Browser();

    [Fact]
    public async Task A_link_shows_its_recording_to_a_browser_that_never_signed_in()
    {
        using HttpClient program = await Recorded();

        (Guid id, string url) = await Share(program, 3600);
        using HttpResponseMessage page = await _anyone.GetAsync(url);
        using HttpResponseMessage data = await _anyone.GetAsync($"{url}/data");

        Assert.NotEqual(Guid.Empty, id);
        Assert.Equal(HttpStatusCode.OK, page.StatusCode);
        Assert.Equal("no-referrer", Assert.Single(page.Headers.GetValues("Referrer-Policy")));
        string html = await page.Content.ReadAsStringAsync();
        Assert.Contains("""<meta name="referrer" content="no-referrer" />""", html, StringComparison.Ordinal);
        Assert.DoesNotContain("ann", html, StringComparison.Ordinal);
        Assert.DoesNotContain(_session.ToString(), html, StringComparison.Ordinal);
        Assert.Contains("https://x.org/page", await data.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal("no-referrer", Assert.Single(data.Headers.GetValues("Referrer-Policy")));
        Assert.Empty(page.Headers.TryGetValues("Set-Cookie", out IEnumerable<string>? cookies) ? cookies : []);
    }

    [Fact]
    public async Task Nothing_else_can_be_asked_with_a_link()
    {
        using HttpClient program = await Recorded();
        string url = (await Share(program, 3600)).Url;
        string secret = url[(url.LastIndexOf('/') + 1)..];
        await _anyone.GetAsync(url);
        using HttpClient withSecret = gateway.Program(secret);

        foreach (string path in (string[])
            [
                $"{url}/events", $"{url}/replay", $"{url}x", $"{url}x/data", url[..^1], "/shared", "/shared/", "/shared/x/data",
            ])
        {
            using HttpResponseMessage answer = await _anyone.GetAsync(path);
            Assert.Equal((path, HttpStatusCode.NotFound), (path, answer.StatusCode));
        }

        foreach (string path in (string[])[$"/api/sessions/{_session}", $"/api/sessions/{_session}/replay", "/api/sessions", "/api/project"])
        {
            Assert.Equal(HttpStatusCode.Unauthorized, (await _anyone.GetAsync(path)).StatusCode);
            Assert.Equal(HttpStatusCode.Unauthorized, (await withSecret.GetAsync(path)).StatusCode);
        }

        foreach (string path in (string[])[$"/sessions/{_session}", $"/sessions/{_session}/replay", $"/sessions/{_session}/replay/data", "/replay/frame"])
        {
            Assert.Equal(HttpStatusCode.Redirect, (await _anyone.GetAsync(path)).StatusCode);
        }

        Assert.Equal(HttpStatusCode.MethodNotAllowed, (await _anyone.DeleteAsync(url)).StatusCode);
        Assert.Equal(HttpStatusCode.MethodNotAllowed, (await _anyone.PostAsync($"{url}/data", content: null)).StatusCode);
    }

    [Fact]
    public async Task A_link_ends_when_its_time_is_over()
    {
        using HttpClient program = await Recorded();
        string url = (await Share(program, 1)).Url;

        await TestGateway.Until(async () => (await _anyone.GetAsync(url)).StatusCode == HttpStatusCode.NotFound);

        Assert.Equal(HttpStatusCode.NotFound, (await _anyone.GetAsync($"{url}/data")).StatusCode);
        Assert.Empty(await Links(program));
    }

    [Fact]
    public async Task A_revoked_link_does_not_work_and_the_others_do()
    {
        using HttpClient program = await Recorded();
        (Guid first, string firstUrl) = await Share(program, 3600);
        (Guid second, string secondUrl) = await Share(program, 2_592_000);
        Assert.Equal([second, first], (await Links(program)).Select(link => (Guid)link!["id"]!));

        Assert.Equal(HttpStatusCode.NoContent, await Revoke(program, first));

        Assert.Equal(HttpStatusCode.NotFound, (await _anyone.GetAsync(firstUrl)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await _anyone.GetAsync($"{firstUrl}/data")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await _anyone.GetAsync(secondUrl)).StatusCode);
        Assert.Equal([second], (await Links(program)).Select(link => (Guid)link!["id"]!));
        Assert.Equal(HttpStatusCode.NotFound, await Revoke(program, first));
        Assert.Equal(HttpStatusCode.NotFound, await Revoke(program, Guid.CreateVersion7()));
        Assert.Equal(HttpStatusCode.NotFound, (await program.DeleteAsync($"/api/sessions/{Guid.CreateVersion7()}/replay/share/{second}")).StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, (await program.DeleteAsync($"/api/sessions/{_session}/replay/share/none")).StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, (await program.DeleteAsync($"/api/sessions/none/replay/share/{second}")).StatusCode);
    }

    [Fact]
    public async Task Only_a_hash_of_the_secret_is_stored()
    {
        using HttpClient program = await Recorded();
        string url = (await Share(program, 3600)).Url;
        string secret = url[(url.LastIndexOf('/') + 1)..];

        await using NpgsqlCommand all = gateway.Database.CreateCommand(
            "select (select string_agg(s::text, ' ') from tracking.replay_shares s) || (select string_agg(a::text, ' ') from tracking.audit a)");
        string stored = (string)(await all.ExecuteScalarAsync())!;

        Assert.True(secret.Length >= 32, secret);
        Assert.DoesNotContain(secret, stored, StringComparison.Ordinal);
        Assert.DoesNotContain(secret, (await Links(program)).ToJsonString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("recording")]
    [InlineData("person")]
    [InlineData("retention")]
    public async Task A_link_ends_with_its_recording_and_a_later_recording_does_not_bring_it_back(string deletes)
    {
        using HttpClient program = await Recorded();
        string url = (await Share(program, 3600)).Url;

        switch (deletes)
        {
            case "recording":
                Assert.Equal(HttpStatusCode.NoContent, (await program.DeleteAsync($"/api/sessions/{_session}/replay")).StatusCode);
                break;
            case "person":
                await program.DeleteAsync("/api/persons/ann");
                break;
            default:
                // As the sweep does with an expired recording.
                await gateway.Service<IGrainFactory>().GetGrain<ISessionGrain>(SessionKey.Create(_project.Id, _session)).ForgetReplay();
                Assert.Equal(HttpStatusCode.NotFound, (await _anyone.GetAsync(url)).StatusCode);
                await gateway.Service<ReplayStore>().Remove([SessionKey.Create(_project.Id, _session)], DateOnly.MaxValue);
                break;
        }

        await TestGateway.Until(async () => (await _anyone.GetAsync(url)).StatusCode == HttpStatusCode.NotFound);
        Assert.Equal(HttpStatusCode.NotFound, (await _anyone.GetAsync($"{url}/data")).StatusCode);
        await TestGateway.Until(async () => await Rows() == 0);
        JsonObject later = Recording.Snapshot(_session, "ann", Recording.Page(50, "https://x.org/later"), Recording.Click(51));
        await program.Record(_project, later);

        Assert.Equal(HttpStatusCode.NotFound, (await _anyone.GetAsync(url)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await _anyone.GetAsync($"{url}/data")).StatusCode);
        Assert.Empty(await Links(program));
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"expires_in_seconds":null}""")]
    [InlineData("""{"expires_in_seconds":0}""")]
    [InlineData("""{"expires_in_seconds":-5}""")]
    [InlineData("""{"expires_in_seconds":2592001}""")]
    [InlineData("""{"expires_in_seconds":99999999999999999999}""")]
    [InlineData("""{"expires_in_seconds":1.5}""")]
    [InlineData("""{"expires_in_seconds":"60"}""")]
    [InlineData("""{"expires_in_seconds":true}""")]
    [InlineData("""{"expires_in_seconds":[60]}""")]
    [InlineData("""{"expires_in_seconds":60,"forever":true}""", "forever")]
    [InlineData("[]", "body")]
    [InlineData("60", "body")]
    [InlineData("", "body")]
    [InlineData("{", "body")]
    public async Task A_wrong_life_of_a_link_is_refused_with_its_field(string body, string field = "expires_in_seconds")
    {
        using HttpClient program = await Recorded();

        using HttpResponseMessage answer = await program.PostAsync(
            $"/api/sessions/{_session}/replay/share", new StringContent(body, Encoding.UTF8, "application/json"));

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Equal(field, (string?)(await answer.Content.ReadFromJsonAsync<JsonNode>())!["field"]);
        Assert.Empty(await Links(program));
    }

    [Fact]
    public async Task A_session_without_a_recording_cannot_be_shared()
    {
        using HttpClient program = await Recorded();
        using HttpClient theirs = gateway.Program(gateway.NextProject().ApiKey);

        Assert.Equal(HttpStatusCode.NotFound, (await Ask(program, Guid.CreateVersion7(), 60)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await Ask(theirs, _session, 60)).StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, (await program.PostAsJsonAsync("/api/sessions/none/replay/share", new { expires_in_seconds = 60 })).StatusCode);
    }

    [Fact]
    public async Task A_read_key_lists_links_and_can_neither_make_nor_revoke_one()
    {
        using HttpClient program = await Recorded();
        (Guid id, _) = await Share(program, 3600);
        using HttpResponseMessage made = await program.PostAsJsonAsync("/api/project/keys", new { name = "reader", role = "read" });
        using HttpClient reader = gateway.Program((string)(await made.Content.ReadFromJsonAsync<JsonNode>())!["key"]!);

        Assert.Equal(HttpStatusCode.Forbidden, (await Ask(reader, _session, 60)).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, await Revoke(reader, id));
        Assert.Equal([id], (await Links(reader)).Select(link => (Guid)link!["id"]!));
        Assert.Equal(HttpStatusCode.Unauthorized, (await Ask(_anyone, _session, 60)).StatusCode);
    }

    [Fact]
    public async Task The_audit_log_has_who_made_and_revoked_a_link_and_what_was_watched_with_it()
    {
        using HttpClient program = await Recorded();
        (Guid id, string url) = await Share(program, 3600);
        await _anyone.GetStringAsync($"{url}/data");
        await Revoke(program, id);

        JsonArray lines = JsonNode.Parse(await program.GetStringAsync("/api/audit"))!["results"]!.AsArray();

        Assert.Equal(
            ["replay.share_revoked the configured key", "replay.watched a shared link", "replay.shared the configured key"],
            lines.Select(line => $"{line!["action"]} {line["actor"]}").Where(line => line.StartsWith("replay", StringComparison.Ordinal)));
        Assert.All(lines.Take(3), line => Assert.Equal(id.ToString(), (string?)line!["detail"]!["share"]));
        Assert.DoesNotContain(url[(url.LastIndexOf('/') + 1)..], lines.ToJsonString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_page_of_a_session_makes_a_link_shows_it_once_and_revokes_it()
    {
        using HttpClient program = await Recorded();
        using HttpClient browser = gateway.Browser();
        (await browser.SignIn(_project.ApiKey)).Dispose();
        string page = $"/sessions/{_session}";
        string mark = SignInForm.MarkOf(await browser.GetStringAsync(page));

        using HttpResponseMessage made = await Post("share", ("expires_in_seconds", "3600"));
        string shown = await browser.GetStringAsync(page);
        string again = await browser.GetStringAsync(page);
        string url = Regex.Match(shown, "http://[^<\"]*/shared/[A-Za-z0-9]+").Value;
        Guid id = (Guid)Assert.Single(await Links(program))!["id"]!;

        Assert.Equal((HttpStatusCode.Redirect, $"{page}#share"), (made.StatusCode, made.Headers.Location!.OriginalString));
        Assert.Equal(HttpStatusCode.OK, (await _anyone.GetAsync(url)).StatusCode);
        Assert.DoesNotContain("/shared/", again, StringComparison.Ordinal);
        Assert.Contains(id.ToString(), again, StringComparison.Ordinal);

        using HttpResponseMessage revoked = await Post("share/revoke", ("id", id.ToString()));
        Assert.Equal(HttpStatusCode.Redirect, revoked.StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await _anyone.GetAsync(url)).StatusCode);
        using HttpResponseMessage wrong = await Post("share", ("expires_in_seconds", "0"));
        Assert.Equal(HttpStatusCode.BadRequest, wrong.StatusCode);

        Task<HttpResponseMessage> Post(string what, (string Name, string Value) field) => browser.PostAsync(
            $"{page}/replay/{what}",
            new FormUrlEncodedContent([new("__RequestVerificationToken", mark), new(field.Name, field.Value)]));
    }

    private async Task<HttpClient> Recorded()
    {
        HttpClient program = gateway.Program(_project.ApiKey);
        (HttpStatusCode status, _) = await program.Record(
            _project, Recording.Snapshot(_session, "ann", Recording.Page(0, "https://x.org/page"), Recording.Picture(0), Recording.Click(1)));
        Assert.Equal(HttpStatusCode.OK, status);
        return program;
    }

    private async Task<(Guid Id, string Url)> Share(HttpClient program, int seconds)
    {
        DateTimeOffset before = DateTimeOffset.UtcNow;
        using HttpResponseMessage answer = await Ask(program, _session, seconds);
        Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
        JsonNode made = (await answer.Content.ReadFromJsonAsync<JsonNode>())!;
        Assert.Equal(["id", "url", "expires_at"], made.AsObject().Select(member => member.Key));
        Assert.InRange(DateTimeOffset.Parse((string)made["expires_at"]!), before.AddSeconds(seconds - 30), before.AddSeconds(seconds + 60));
        return ((Guid)made["id"]!, (string)made["url"]!);
    }

    private static Task<HttpResponseMessage> Ask(HttpClient program, Guid session, int seconds) =>
        program.PostAsJsonAsync($"/api/sessions/{session}/replay/share", new { expires_in_seconds = seconds });

    private async Task<HttpStatusCode> Revoke(HttpClient program, Guid share) =>
        (await program.DeleteAsync($"/api/sessions/{_session}/replay/share/{share}")).StatusCode;

    private async Task<JsonArray> Links(HttpClient program) =>
        JsonNode.Parse(await program.GetStringAsync($"/api/sessions/{_session}/replay/share"))!["results"]!.AsArray();

    private async Task<long> Rows()
    {
        await using NpgsqlCommand count = gateway.Database.CreateCommand("select count(*) from tracking.replay_shares where session_id = $1");
        count.Parameters.AddWithValue(_session);
        return (long)(await count.ExecuteScalarAsync())!;
    }
}
