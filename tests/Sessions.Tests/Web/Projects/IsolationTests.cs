using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Patterns;
using Npgsql;
using Sessions.SystemTests.Harness;

namespace Sessions.Tests.Web.Projects;

/// <summary>
/// Nothing of one project shows in another. Every route of the gateway is asked with each project's key, and in its browser,
/// for the ids of the other one.
/// </summary>
public sealed class IsolationTests(IsolatedProjects both) : IClassFixture<IsolatedProjects>
{
    // A range and a limit that would let everything through, for routes that take them or one of them.
    private static readonly string[] Queries = ["", "?date_from=all&limit=1000", "?limit=1000"];

    // What the product answers at all; without it, a test that sees nothing would prove nothing.
    private const int LeastAnswers = 150;

    [Theory]
    [InlineData("key")]
    [InlineData("operator")]
    [InlineData("browser")]
    public async Task No_answer_of_any_route_has_anything_of_another_project(string how)
    {
        foreach ((FullProject ours, FullProject theirs) in new[] { (both.Kiwi, both.Plum), (both.Plum, both.Kiwi) })
        {
            Dictionary<string, string> before = await ProjectRows.Hashes(both.Database, theirs.Id);
            using HttpClient? chooses = how == "operator" ? both.Program(TestGateway.OperatorKey) : null;
            chooses?.DefaultRequestHeaders.Add("X-Project", ours.Id);
            HttpClient caller = chooses ?? (how == "browser" ? ours.Browser : ours.Api);
            string mark = how == "browser" ? SignInForm.MarkOf(await caller.GetStringAsync("/project")) : "";
            int answers = 0, good = 0;
            foreach ((string method, string path) in Routes(theirs))
            {
                foreach ((string asked, Func<HttpContent>? body) in Requests(method, path, theirs, mark))
                {
                    using HttpRequestMessage request = new(new HttpMethod(method), asked) { Content = body?.Invoke() };
                    if (method != "GET" && how == "browser" && asked.StartsWith("/api/", StringComparison.Ordinal))
                    {
                        request.Headers.Add("X-Form-Mark", mark);
                    }

                    using HttpResponseMessage answer = await caller.SendAsync(request);
                    string said = $"{answer.Headers}{answer.Content.Headers}{Encoding.UTF8.GetString(await answer.Content.ReadAsByteArrayAsync())}";
                    answers++;
                    good += answer.IsSuccessStatusCode ? 1 : 0;
                    AssertNothingOf(theirs, said, $"{method} {asked} as {how}", asked);
                }
            }

            Assert.True(answers > LeastAnswers && good > LeastAnswers / 4, $"There were {answers} answers, {good} of them good.");
            Assert.Equal(before, await ProjectRows.Hashes(both.Database, theirs.Id));
        }
    }

    [Fact]
    public async Task A_session_id_that_two_projects_have_is_a_session_of_its_own_in_each()
    {
        var shared = Guid.CreateVersion7();
        Assert.Equal(HttpStatusCode.OK, await both.Kiwi.Send(shared, "same person"));
        Assert.Equal(HttpStatusCode.OK, await both.Plum.Send(shared, "same person"));

        string kiwi = await All(both.Kiwi), plum = await All(both.Plum);

        Assert.Contains($"{both.Kiwi.Mark}.example", kiwi, StringComparison.Ordinal);
        Assert.Contains($"{both.Plum.Mark}.example", plum, StringComparison.Ordinal);
        Assert.All([both.Plum.Mark, both.Plum.Id], theirs => Assert.DoesNotContain(theirs, kiwi, StringComparison.Ordinal));
        Assert.All([both.Kiwi.Mark, both.Kiwi.Id], theirs => Assert.DoesNotContain(theirs, plum, StringComparison.Ordinal));

        async Task<string> All(FullProject project) =>
            await project.Api.GetStringAsync($"/api/sessions/{shared}")
            + await project.Api.GetStringAsync($"/api/sessions/{shared}/events")
            + await project.Api.GetStringAsync("/api/devices/same%20person")
            + await project.Api.GetStringAsync("/api/persons?distinct_id=same%20person");
    }

    [Fact]
    public async Task A_stream_of_live_sessions_has_the_projects_own_alone()
    {
        using HttpResponseMessage stream = await both.Kiwi.Api.GetAsync("/api/live/stream", HttpCompletionOption.ResponseHeadersRead);
        using StreamReader lines = new(await stream.Content.ReadAsStreamAsync());
        StringBuilder seen = new();
        var ours = Guid.CreateVersion7();
        Assert.Equal(HttpStatusCode.OK, await both.Plum.Send(Guid.CreateVersion7(), $"{both.Plum.Mark}-live"));
        Assert.Equal(HttpStatusCode.OK, await both.Kiwi.Send(ours, $"{both.Kiwi.Mark}-live"));

        using CancellationTokenSource late = new(TimeSpan.FromMinutes(1));
        while (!seen.ToString().Contains(ours.ToString(), StringComparison.Ordinal))
        {
            seen.AppendLine(await lines.ReadLineAsync(late.Token));
        }

        AssertNothingOf(both.Plum, seen.ToString(), "the stream", "");
    }

    [Fact]
    public async Task A_projects_login_and_its_own_SQL_see_its_rows_alone()
    {
        foreach ((FullProject ours, FullProject theirs) in new[] { (both.Kiwi, both.Plum), (both.Plum, both.Kiwi) })
        {
            await using NpgsqlConnection reader = new(ours.Reader);
            await reader.OpenAsync();
            foreach (string view in (string[])["sessions", "events", "session_replays"])
            {
                await using NpgsqlCommand all = new($"select coalesce(string_agg(v::text, ' '), '') from {view} v", reader);
                string rows = (string)(await all.ExecuteScalarAsync())!;
                JsonNode said = await ours.Post("/api/sql", new { query = $"select v::text from {view} v" });

                Assert.Contains(ours.Mark, rows, StringComparison.Ordinal);
                Assert.Contains(ours.Mark, said.ToJsonString(), StringComparison.Ordinal);
                AssertNothingOf(theirs, rows, $"{view} of the login", "");
                AssertNothingOf(theirs, said.ToJsonString(), $"{view} of /api/sql", "");
            }
        }
    }

    /// <summary>All routes with their methods, with the other project's ids in the places of the parameters.</summary>
    private IEnumerable<(string Method, string Path)> Routes(FullProject theirs)
    {
        foreach (RouteEndpoint endpoint in both.Service<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>())
        {
            string pattern = "/" + endpoint.RoutePattern.RawText!.Trim('/');
            // The dashboard is the operator's; the scripts are the same for all; the stream has no end and a test of its own.
            if (pattern.StartsWith("/dashboard", StringComparison.Ordinal) || pattern.StartsWith("/static", StringComparison.Ordinal)
                || pattern.StartsWith("/assets", StringComparison.Ordinal) || pattern.StartsWith("/signout", StringComparison.Ordinal)
                || pattern.StartsWith("/projects", StringComparison.Ordinal) || pattern.StartsWith("/api/projects", StringComparison.Ordinal)
                || pattern == "/api/live/stream")
            {
                continue;
            }

            IReadOnlyList<string> methods = endpoint.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? ["GET"];
            foreach (string method in methods.Where(one => one is "GET" or "POST" or "PUT" or "PATCH" or "DELETE"))
            {
                foreach (string path in Filled(endpoint.RoutePattern, pattern, theirs))
                {
                    yield return (method, path);
                }
            }
        }
    }

    private static IEnumerable<string> Filled(RoutePattern route, string pattern, FullProject theirs)
    {
        if (route.Parameters.Count == 0)
        {
            return [pattern];
        }

        string[] ids = pattern.Contains("webhook", StringComparison.Ordinal) ? [theirs.Webhook.ToString()]
            : pattern.Contains("keys", StringComparison.Ordinal) ? [theirs.Key.ToString()]
            : pattern.Contains("deletions", StringComparison.Ordinal) ? [theirs.Deletion.ToString()]
            : pattern.Contains("sessions", StringComparison.Ordinal) || pattern.Contains("replay", StringComparison.Ordinal)
                ? [theirs.Live.ToString(), theirs.Ended.ToString()]
            : pattern.Contains("web-analytics", StringComparison.Ordinal)
                ? ["pages", "entry_pages", "exit_pages", "channels", "countries", "referrers", "utm_sources", "browsers", "events"]
            : pattern.Contains("token", StringComparison.Ordinal) ? ["phc_random"]
            : [theirs.Person, $"{theirs.Mark}-bob", $"{theirs.Mark}-anon"];
        return ids.Select(id => route.Parameters.Aggregate(pattern, (path, parameter) =>
        {
            int begin = path.IndexOf('{', StringComparison.Ordinal);
            return begin < 0 ? path : path[..begin] + id + path[(path.IndexOf('}', begin) + 1)..];
        }));
    }

    private static IEnumerable<(string Path, Func<HttpContent>? Body)> Requests(string method, string path, FullProject theirs, string mark)
    {
        if (method == "GET")
        {
            foreach (string query in Queries)
            {
                yield return (path + query, null);
            }

            string person = Uri.EscapeDataString(theirs.Person);
            yield return ($"{path}?distinct_id={person}", null);
            yield return ($"{path}?key={person}", null);
            string filters = Uri.EscapeDataString($$"""[{"key":"distinct_id","type":"session","operator":"exact","value":"{{theirs.Person}}"}]""");
            yield return ($"{path}?date_from=all&filters={filters}", null);
            yield break;
        }

        if (path.StartsWith("/api/", StringComparison.Ordinal))
        {
            string[] bodies = path switch
            {
                "/api/query" =>
                [
                    """{"date_from":"all","series":[{"event":null,"math":"total"}],"breakdown":{"property":"$entry_pathname","limit":1000}}""",
                    """{"date_from":"all","series":[{"event":null,"math":"unique_users"}],"breakdown":{"property":"distinct_id","limit":1000}}""",
                    $$"""{"date_from":"all","series":[{"event":"{{theirs.Mark}} bought","math":"total"}]}""",
                ],
                "/api/sql" =>
                [
                    """{"query":"select s::text from sessions s"}""",
                    """{"query":"select e::text from events e"}""",
                    """{"query":"select r::text from session_replays r"}""",
                    """{"query":"select * from tracking.sessions"}""",
                ],
                _ => ["""{"url":"https://taken.example/","events":["session.started"],"name":"taken","role":"read"}"""],
            };
            foreach (string body in (string[])["{}", .. bodies])
            {
                yield return (path, () => new StringContent(body, Encoding.UTF8, "application/json"));
            }

            yield return ($"{path}?key={Uri.EscapeDataString(theirs.Person)}", null);
            yield return ($"{path}?distinct_id={Uri.EscapeDataString(theirs.Person)}", null);
        }
        else if (mark.Length > 0)
        {
            yield return (path, () => new FormUrlEncodedContent(new Dictionary<string, string>
            {
                ["__RequestVerificationToken"] = mark,
                ["id"] = theirs.Key.ToString(),
                ["delivery"] = theirs.Webhook.ToString(),
                ["distinct_id"] = theirs.Person,
                ["person"] = theirs.Person,
                ["query"] = "select e::text from events e",
                ["confirm"] = theirs.Person,
            }));
        }
    }

    private static void AssertNothingOf(FullProject theirs, string said, string where, string asked)
    {
        // What the caller sent itself may come back, in whatever spelling, and tells it nothing.
        string heard = said;
        foreach (string sent in (string[])
            [
                theirs.Person, $"{theirs.Mark}-bob", $"{theirs.Mark}-anon", $"{theirs.Mark} bought", $"{theirs.Mark}%20bought",
                theirs.Webhook.ToString(), theirs.Key.ToString(), theirs.Deletion.ToString(),
            ])
        {
            heard = heard.Replace(sent, "", StringComparison.OrdinalIgnoreCase);
        }

        // The log has what this test has asked for, in this project.
        bool isLog = asked.StartsWith("/api/audit", StringComparison.Ordinal) || asked.StartsWith("/project/privacy", StringComparison.Ordinal);
        string[] secrets =
        [
            theirs.Mark, theirs.Id, theirs.Token, theirs.ApiKey,
            .. ((string[])[theirs.Live.ToString(), theirs.Ended.ToString()]).Where(id => !isLog && !asked.Contains(id, StringComparison.Ordinal)),
        ];
        foreach (string secret in secrets)
        {
            int at = heard.IndexOf(secret, StringComparison.OrdinalIgnoreCase);
            Assert.True(at < 0, at < 0 ? "" : $"{where} shows {secret}: …{heard[Math.Max(0, at - 200)..Math.Min(heard.Length, at + 200)]}…");
        }
    }
}

/// <summary>Two projects full of data on a gateway with a database of its own.</summary>
public sealed class IsolatedProjects(TestPostgres postgres) : TestGateway(postgres), IAsyncLifetime
{
    internal FullProject Kiwi { get; private set; } = null!;

    internal FullProject Plum { get; private set; } = null!;

    protected override Task<string> DatabaseOf(TestPostgres server) => server.CreateDatabase();

    async ValueTask IAsyncLifetime.InitializeAsync()
    {
        await InitializeAsync();
        // Long enough never to be found by chance in a random token.
        Kiwi = await FullProject.Make(this, "kiwi-project", "kiwifruit");
        Plum = await FullProject.Make(this, "plum-project", "plumtree");
        // Rows and the searches of recordings are some seconds behind.
        foreach (FullProject project in (FullProject[])[Kiwi, Plum])
        {
            await Until(async () => (await project.Api.GetStringAsync("/api/web-analytics/overview?date_from=all")).Length > 0
                && JsonNode.Parse(await project.Api.GetStringAsync("/api/sessions?date_from=all"))!["results"]!.AsArray().Count >= 2);
            await Until(async () =>
            {
                await using NpgsqlCommand behind = Database.CreateCommand(
                    """
                    select (select count(*) from tracking.sessions s
                            where  number < (select max(number) from tracking.journal j where j.project = s.project and j.session_id = s.session_id))
                         + (select count(*) from tracking.replays
                            where  clicks_lease is not null or (clicks_due and clicks_block > coalesce(clicks_searched, 0)))
                    """);
                return (long)(await behind.ExecuteScalarAsync())! == 0;
            });
        }
    }
}
