using System.Diagnostics;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Playwright;
using Sessions.SystemTests.Browser;
using Sessions.SystemTests.Harness;

namespace Sessions.SystemTests.Replay;

/// <summary>posthog-js, as npm has it, obeys a project's settings of recordings in a real browser.</summary>
[Collection(Lane.Shared)]
public sealed class RecordingSettingsTests(SharedCluster shared, Chromium chromium)
{
    private const string Status = "window.posthog.sessionRecording?.status";

    private static readonly TimeSpan Arrival = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task A_trigger_of_an_address_begins_the_recording_on_the_first_page_that_matches()
    {
        using OwnProject project = await Project("""{"triggers":{"urls":["/prices(\\?|$)"]}}""");
        await using Site site = await Site.WithThePackage(project.Gateway);
        await using Visit visit = await chromium.Open();
        IPage page = await Open(visit, site, "buffering");
        string session = await Visit.SessionId(page);
        await page.ClickAsync("#buy");
        await page.EvaluateAsync("window.posthog.capture('seen')");
        await project.Gateway.SessionWith(session, 3);
        Assert.False(await HasReplay(project, session));

        await page.ClickAsync("#next");

        await Visit.SdkIsThere(page);
        await page.WaitForFunctionAsync($"{Status} === 'active'");
        // The recorder holds a page back on which nobody does anything.
        await page.ClickAsync("#buy");
        await Wait.For(() => HasReplay(project, session), "nothing is recorded", Arrival);
    }

    [Fact]
    public async Task A_trigger_of_an_event_begins_the_recording_with_that_event()
    {
        using OwnProject project = await Project("""{"triggers":{"events":["purchased"]}}""");
        await using Site site = await Site.WithThePackage(project.Gateway);
        await using Visit visit = await chromium.Open();
        IPage page = await Open(visit, site, "buffering");
        string session = await Visit.SessionId(page);
        await page.EvaluateAsync("window.posthog.capture('looked')");
        await project.Gateway.SessionWith(session, 2);
        Assert.Equal("buffering", await page.EvaluateAsync<string>(Status));
        Assert.False(await HasReplay(project, session));

        await page.EvaluateAsync("window.posthog.capture('purchased')");

        await page.WaitForFunctionAsync($"{Status} === 'active'");
        await page.ClickAsync("#buy");
        await Wait.For(() => HasReplay(project, session), "nothing is recorded", Arrival);
    }

    [Fact]
    public async Task A_sample_rate_of_zero_records_nobody()
    {
        using OwnProject project = await Project("""{"sample_rate":0}""");
        await using Site site = await Site.WithThePackage(project.Gateway);
        await using Visit visit = await chromium.Open();

        IPage page = await Open(visit, site, "disabled");

        string session = await Visit.SessionId(page);
        await page.ClickAsync("#buy");
        await page.EvaluateAsync("window.posthog.capture('seen')");
        await project.Gateway.SessionWith(session, 3);
        Assert.False(await HasReplay(project, session));
    }

    [Fact]
    public async Task A_recording_is_sent_when_it_is_as_long_as_the_minimum_and_not_before()
    {
        const int minimumMs = 5000;
        using OwnProject project = await Project($$"""{"minimum_duration_ms":{{minimumMs}}}""");
        await using Site site = await Site.WithThePackage(project.Gateway);
        await using Visit visit = await chromium.Open();
        IPage page = await visit.NewTab();
        Stopwatch? begun = null;
        TaskCompletionSource<TimeSpan> sent = new();
        page.Request += (_, request) =>
        {
            if (new Uri(request.Url).AbsolutePath == "/s/")
            {
                sent.TrySetResult(begun?.Elapsed ?? TimeSpan.Zero);
            }
        };
        begun = Stopwatch.StartNew();
        await page.GotoAsync(site.Address.ToString());
        await Visit.SdkIsThere(page);
        string session = await Visit.SessionId(page);

        // The recorder measures by what happens.
        await Wait.For(
            async () =>
            {
                await page.ClickAsync("#buy");
                return sent.Task.IsCompleted;
            },
            "nothing is sent",
            Arrival);

        Assert.True(await sent.Task > TimeSpan.FromMilliseconds(minimumMs * 0.9), $"It was sent after {await sent.Task}.");
        await Wait.For(() => HasReplay(project, session), "nothing is recorded", Arrival);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Requests_are_recorded_only_if_the_project_says_so_and_never_their_headers_and_bodies(bool isOn)
    {
        using OwnProject project = await Project(isOn ? """{"network":true}""" : "{}");
        await using Site site = await Site.WithThePackage(project.Gateway);
        await using Visit visit = await chromium.Open();
        IPage page = await Open(visit, site, "active");
        string session = await Visit.SessionId(page);

        await page.EvaluateAsync("fetch('/api/cart?n=1', { method: 'POST', headers: { 'x-secret': 'hidden-header' }, body: 'hidden-body' })");
        await page.ClickAsync("#buy");
        await Wait.For(
            async () => (int?)(await project.Gateway.Session(session))?["$replay_click_count"] >= 1
                && (!isOn || (await Requests(project, session)).Any(one => ((string?)one["name"])?.Contains("/api/cart", StringComparison.Ordinal) == true)),
            "the click and the request did not arrive",
            Arrival);

        IReadOnlyList<JsonObject> replay = await project.Gateway.Replay(session);
        string all = string.Concat(replay.Select(one => one.ToJsonString()));
        Assert.Equal(isOn, all.Contains("rrweb/network@1", StringComparison.Ordinal));
        Assert.Equal(isOn, all.Contains("/api/cart?n=1", StringComparison.Ordinal));
        Assert.DoesNotContain("hidden-", all, StringComparison.Ordinal);
        if (isOn)
        {
            Assert.Contains(await Requests(project, session), one => (int?)one["responseStatus"] == 405);
        }
    }

    private static async Task<IReadOnlyList<JsonObject>> Requests(OwnProject project, string session) =>
    [
        .. (await project.Gateway.Replay(session))
            .Where(one => (int)one["type"]! == 6 && (string?)one["data"]!["plugin"] == "rrweb/network@1")
            .SelectMany(one => one["data"]!["payload"]!["requests"]!.AsArray().Select(request => request!.AsObject())),
    ];

    /// <summary>A page on a host that is not called localhost, of whose pages posthog-js records no requests.</summary>
    private static async Task<IPage> Open(Visit visit, Site site, string status)
    {
        IPage page = await visit.NewTab();
        await page.GotoAsync($"http://shop.localhost:{site.Address.Port}/");
        await Visit.SdkIsThere(page);
        await page.WaitForFunctionAsync($"{Status} === '{status}'");
        return page;
    }

    private async Task<OwnProject> Project(string replay)
    {
        OwnProject project = await OwnProject.Create(await shared.Started);
        using StringContent body = new($$"""{"replay":{{replay}}}""", Encoding.UTF8, "application/json");
        using HttpResponseMessage answer = await project.Gateway.Ask(HttpMethod.Put, "/api/project", body);
        Assert.True(answer.StatusCode == HttpStatusCode.OK, await answer.Content.ReadAsStringAsync());
        return project;
    }

    private static async Task<bool> HasReplay(OwnProject project, string session) =>
        (bool?)(await project.Gateway.Session(session))?["$has_replay"] == true;
}
