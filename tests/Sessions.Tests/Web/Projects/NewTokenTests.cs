using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Sessions.SystemTests.Harness;
using Sessions.Tests.Web.Replay;

namespace Sessions.Tests.Web.Projects;

/// <summary>What one gateway made is valid at the others at once: SDKs drop what got a 401.</summary>
public sealed class NewTokenTests(NewTokenGateways gateways) : IClassFixture<NewTokenGateways>
{
    private static readonly string Long = new('x', 900_000);

    [Fact]
    public async Task A_new_token_and_key_are_taken_at_once_by_another_gateway_on_every_path()
    {
        using HttpClient other = gateways.AtOther(null);
        foreach (Func<string, Task<HttpResponseMessage>> send in (Func<string, Task<HttpResponseMessage>>[])
            [
                token => other.PostAsync("/i/v0/e/", Json(Event(token))),
                token => other.PostAsync("/batch/", Json($$"""{"batch":[{{Event(token, Long)}},{{Event(token, Long)}}],"api_key":"{{token}}"}""")),
                token => other.PostAsync("/e/", Json($"[{Event(token)}]")),
                token => other.PostAsync("/s/", Json(Snapshot(token))),
                token => other.PostAsync("/flags/?v=2", Json($$"""{"token":"{{token}}","distinct_id":"ann"}""")),
                token => other.PostAsync("/decide/?v=3", Json($$"""{"api_key":"{{token}}","distinct_id":"ann"}""")),
                token => other.GetAsync($"/array/{token}/config"),
                token => other.GetAsync($"/array/{token}/config.js"),
            ])
        {
            JsonNode made = await gateways.Make();

            using HttpResponseMessage answer = await send((string)made["token"]!);

            Assert.True(answer.StatusCode == HttpStatusCode.OK, $"{answer.RequestMessage!.RequestUri}: {await answer.Content.ReadAsStringAsync()}");
        }
    }

    [Fact]
    public async Task A_new_projects_key_id_and_sign_in_are_valid_at_once_at_another_gateway()
    {
        JsonNode first = await gateways.Make(), second = await gateways.Make(), third = await gateways.Make();
        using HttpClient program = gateways.AtOther((string)first["api_key"]!);
        using HttpClient admin = gateways.AtOther(TestGateway.OperatorKey);
        admin.DefaultRequestHeaders.Add("X-Project", (string)second["id"]!);
        using HttpClient browser = new(new HttpClientHandler { AllowAutoRedirect = false }) { BaseAddress = program.BaseAddress };

        Assert.Equal(HttpStatusCode.OK, (await program.GetAsync("/api/project")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await admin.GetAsync("/api/project")).StatusCode);
        using HttpResponseMessage signedIn = await browser.SignIn((string)third["api_key"]!);
        Assert.Equal((HttpStatusCode.Redirect, "/"), (signedIn.StatusCode, signedIn.Headers.Location!.OriginalString));
    }

    [Fact]
    public async Task A_projects_changed_token_and_a_restored_one_are_taken_at_once_by_another_gateway()
    {
        JsonNode made = await gateways.Make();
        using HttpClient here = gateways.Program((string)made["api_key"]!);
        using HttpClient admin = gateways.Program(TestGateway.OperatorKey);
        using HttpClient other = gateways.AtOther(null);
        string token = $"changed-{Guid.NewGuid():N}";

        (await here.PutAsJsonAsync("/api/project", new { token })).EnsureSuccessStatusCode();
        Assert.Equal(HttpStatusCode.OK, (await other.PostAsync("/e/", Json(Event(token)))).StatusCode);
        (await admin.PatchAsJsonAsync($"/api/projects/{made["id"]}", new { archived = true })).EnsureSuccessStatusCode();
        // At every gateway within 30 seconds.
        await TestGateway.Until(async () => (await other.PostAsync("/e/", Json(Event(token)))).StatusCode == HttpStatusCode.Unauthorized);
        Assert.Equal(HttpStatusCode.OK, (await here.GetAsync("/api/sessions")).StatusCode);
        (await admin.PatchAsJsonAsync($"/api/projects/{made["id"]}", new { archived = false })).EnsureSuccessStatusCode();
        Assert.Equal(HttpStatusCode.OK, (await other.PostAsync("/e/", Json(Event(token)))).StatusCode);
    }

    [Fact]
    public async Task Random_tokens_get_401_and_do_not_slow_down_a_known_one()
    {
        using HttpClient other = gateways.AtOther(null);
        using CancellationTokenSource enough = new();
        Task<HttpStatusCode[]>[] floods = [.. Enumerable.Range(0, 8).Select(_ => Task.Run(async () =>
        {
            HashSet<HttpStatusCode> statuses = [];
            while (!enough.IsCancellationRequested)
            {
                statuses.Add((await other.PostAsync("/e/", Json(Event($"phc_{Guid.NewGuid():N}")))).StatusCode);
            }

            return statuses.ToArray();
        }))];

        List<TimeSpan> took = [];
        for (int i = 0; i < 50; i++)
        {
            long begun = Stopwatch.GetTimestamp();
            Assert.Equal(HttpStatusCode.OK, (await other.PostAsync("/e/", Json(Event(gateways.Ours.Token)))).StatusCode);
            took.Add(Stopwatch.GetElapsedTime(begun));
        }

        await enough.CancelAsync();
        Assert.All(await Task.WhenAll(floods), statuses => Assert.Equal([HttpStatusCode.Unauthorized], statuses));
        // A few may wait some seconds for a processor that other tests use. A flood slows down all of them.
        Assert.True(took.Max() < TimeSpan.FromSeconds(10), $"A known token waited {took.Max()}.");
        TimeSpan most = took.Order().ElementAt(took.Count * 9 / 10);
        Assert.True(most < TimeSpan.FromSeconds(2), $"A tenth of the calls with a known token took {most} or more.");
    }

    private static StringContent Json(string body) => new(body, Encoding.UTF8, "application/json");

    private static string Event(string token, string note = "") =>
        $$$"""{"api_key":"{{{token}}}","event":"$pageview","distinct_id":"ann","uuid":"{{{Guid.NewGuid()}}}","properties":{"note":"{{{note}}}"}}""";

    private static string Snapshot(string token)
    {
        JsonObject snapshot = Recording.Snapshot(Guid.CreateVersion7(), "ann", Recording.Click(1));
        snapshot["api_key"] = token;
        return new JsonArray(snapshot).ToJsonString();
    }
}

/// <summary>Two gateways on one database.</summary>
public sealed class NewTokenGateways(TestPostgres postgres) : TestGateway(postgres), IAsyncLifetime
{
    private WebApplication? _other;

    /// <summary>A program at the second gateway.</summary>
    public HttpClient AtOther(string? apiKey) => ProgramAt(_other!.Urls.First(), apiKey);

    /// <summary>Makes a project at the first gateway.</summary>
    public async Task<JsonNode> Make()
    {
        using HttpClient admin = Program(OperatorKey);
        using HttpResponseMessage made = await admin.PostAsJsonAsync("/api/projects", new { id = $"new-{Guid.NewGuid():N}" });
        Assert.Equal(HttpStatusCode.Created, made.StatusCode);
        return (await made.Content.ReadFromJsonAsync<JsonNode>())!;
    }

    async ValueTask IAsyncLifetime.InitializeAsync()
    {
        await InitializeAsync();
        _other = await StartAnother();
    }

    async ValueTask IAsyncDisposable.DisposeAsync()
    {
        if (_other is not null)
        {
            await _other.DisposeAsync();
        }

        await DisposeAsync();
    }
}
