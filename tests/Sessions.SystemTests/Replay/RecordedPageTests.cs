using System.Collections.Concurrent;
using System.Net;
using System.Text.Json.Nodes;
using Microsoft.Playwright;
using Sessions.SystemTests.Browser;
using Sessions.SystemTests.Harness;

namespace Sessions.SystemTests.Replay;

/// <summary>
/// Anybody can send a recording with a project's public token, and an admin watches it. These recordings try to use the
/// admin's browser.
/// </summary>
[Collection(Lane.Shared)]
public sealed class RecordedPageTests(SharedCluster shared, Chromium chromium)
{
    private static readonly TimeSpan Arrival = TimeSpan.FromSeconds(30);

    // What a page loads in these ways is loaded without a click.
    private static readonly string[] Ways = ["/img", "/css", "/import", "/background", "/video"];

    private const string Reach = """
        (() => Object.entries({
          cookie: () => document.cookie, storage: () => localStorage.length, parent: () => parent.document.title, top: () => top.document.title,
        }).map(([name, reach]) => { try { return `${name}: ${reach()}` } catch (refusal) { return `${name}: ${refusal.name}` } }))()
        """;

    [Fact]
    public async Task A_recorded_page_that_loads_our_addresses_loads_them_without_the_cookie_and_other_sites_get_no_referrer()
    {
        await using Watch watch = await Watch.Start(await shared.Started, chromium);
        (Gateway gateway, OtherSite other, IPage page) = (watch.Gateway, watch.Other, watch.Page);
        // A browser hides the answers to some of them from the page, and then tells that the request failed.
        ConcurrentQueue<IRequest> ours = new();
        page.RequestFinished += (_, request) => Note(request);
        page.RequestFailed += (_, request) => Note(request);

        await page.GotoAsync(watch.Replay);

        await Wait.For(() => Task.FromResult(other.HasAll(Ways)), () => $"the other site got only {string.Join(", ", other.Visits)}", Arrival);
        await Wait.For(
            () => Task.FromResult(ours.DistinctBy(request => request.Url).Count() == Ways.Length + 1),
            () => $"our own origin answered only {string.Join(", ", ours.Select(request => request.Url))}",
            Arrival);
        Assert.Empty(await Exports(gateway));
        Assert.All(other.Visits, visit => Assert.Equal(("", ""), (visit.Referrer, visit.Cookie)));
        Assert.DoesNotContain(other.Visits, visit => visit.Path == "/ran");
        foreach (IRequest request in ours)
        {
            Dictionary<string, string> headers = await request.AllHeadersAsync();
            Assert.Equal(("", ""), (headers.GetValueOrDefault("cookie", ""), headers.GetValueOrDefault("referer", "")));
            // The export needs a key or a cookie. The sign-in page needs none, so it refuses a request for a picture.
            Assert.True(await request.ResponseAsync() is null or { Status: 401 or 403 }, $"{request.Url} was answered.");
        }

        void Note(IRequest request)
        {
            if (request.Url == SignIn(gateway.Address) || Ways.Any(way => request.Url == Export(gateway.Address, way)))
            {
                ours.Enqueue(request);
            }
        }
    }

    [Fact]
    public async Task A_recorded_page_reaches_neither_cookies_nor_storage_nor_the_page_around_it_and_its_scripts_do_not_run()
    {
        await using Watch watch = await Watch.Start(await shared.Started, chromium);
        (Gateway gateway, OtherSite other, IPage page) = (watch.Gateway, watch.Other, watch.Page);
        await page.GotoAsync(watch.Replay);
        IFrame player = await Replays.PlayerIn(page);
        await Replays.Holds(player, $"{Replays.Recorded}?.querySelector('#seen') != null");
        await Wait.For(() => Task.FromResult(other.HasAll(Ways)), "the page is not shown as a whole", Arrival);

        string[] refused = ["cookie: SecurityError", "storage: SecurityError", "parent: SecurityError", "top: SecurityError"];
        Assert.Equal(refused, await player.EvaluateAsync<string[]>(Reach));
        Assert.Equal("null", await player.EvaluateAsync<string>("self.origin"));
        Assert.Equal("null", await player.EvaluateAsync<string>("document.querySelector('.replayer-wrapper iframe').contentWindow.origin"));
        Assert.True(await player.EvaluateAsync<bool>("!document.querySelector('.replayer-wrapper iframe').sandbox.contains('allow-scripts')"));
        Assert.False(await player.EvaluateAsync<bool>("'ran' in document.querySelector('.replayer-wrapper iframe').contentWindow || 'ran' in self"));
        Assert.DoesNotContain(other.Visits, visit => visit.Path == "/ran");
        Assert.False(await page.EvaluateAsync<bool>("'ran' in self"));
    }

    [Fact]
    public async Task The_frame_of_the_player_can_lead_to_no_page_of_ours()
    {
        await using Watch watch = await Watch.Start(await shared.Started, chromium);
        (Gateway gateway, OtherSite other, IPage page) = (watch.Gateway, watch.Other, watch.Page);
        await page.GotoAsync(watch.Replay);
        IFrame player = await Replays.PlayerIn(page);
        await Replays.Holds(player, $"{Replays.Recorded}?.querySelector('#seen') != null");

        // Once there, the player's frame would be of our origin and could run scripts.
        await player.EvaluateAsync($"setTimeout(() => location.assign('{gateway.Address}replay/frame'))");

        await Wait.For(
            () => Task.FromResult(watch.Complaints.Any(complaint => complaint.Contains("frame-src data:", StringComparison.Ordinal))),
            () => $"the browser complains only of {string.Join(", ", watch.Complaints)}",
            Arrival);
        Assert.Single(page.Frames, frame => frame.Url.StartsWith($"{gateway.Address}replay/frame", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_viewer_who_chose_never_loads_nothing_of_the_recorded_site_until_the_choice_changes()
    {
        await using Watch watch = await Watch.Start(await shared.Started, chromium);
        (Gateway gateway, OtherSite other, IPage page) = (watch.Gateway, watch.Other, watch.Page);
        await page.GotoAsync(watch.Replay);
        await Wait.For(() => Task.FromResult(other.HasAll(Ways)), "the page is not shown as a whole", Arrival);

        await Choose(page, "never");
        other.Forget();
        await page.GotoAsync(watch.Session);
        await page.WaitForSelectorAsync("[data-replay][data-state=ready]");
        Assert.Equal("never", await page.Locator("[data-pictures]").InputValueAsync());
        IFrame player = await Replays.PlayerIn(page);
        await Replays.Holds(player, $"[...{Replays.Recorded}?.images ?? []].length > 0 && [...{Replays.Recorded}.images].every(image => image.complete)");
        Assert.Empty(other.Visits);

        await Choose(page, "always");
        await Wait.For(() => Task.FromResult(other.HasAll(Ways)), "nothing is loaded after the choice changed", Arrival);
    }

    private static async Task Choose(IPage page, string choice)
    {
        await page.WaitForSelectorAsync("[data-replay][data-state=ready]");
        await page.Locator("[data-pictures]").SelectOptionAsync(choice);
        // The choice loads the page again.
        await page.WaitForSelectorAsync("[data-replay][data-state=ready]");
        await Replays.Holds(
            page.MainFrame, $"document.querySelector('[data-stage] iframe')?.src.endsWith('pictures={choice}')");
    }

    private static async Task<JsonArray> Exports(Gateway gateway)
    {
        using HttpResponseMessage answer = await gateway.Ask(HttpMethod.Get, "/api/audit?action=sessions.exported");
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return JsonNode.Parse(await answer.Content.ReadAsStringAsync())!["results"]!.AsArray();
    }

    // Each way has a range of its own, so that an answer tells what it is for.
    private static string Export(Uri gateway, string way) => $"{gateway}api/export/sessions?date_from={2001 + Array.IndexOf(Ways, way)}-01-01";

    private static string SignIn(Uri gateway) => $"{gateway}signin?ticket=probe";

    /// <summary>A page with pictures and styles of both sites, loaded in every way, and with scripts in several places.</summary>
    private static JsonObject Page(long at, Uri gateway, Uri other)
    {
        int id = 10;
        string script = $"self.ran = parent.ran = top.ran = true; new Image().src = '{other}ran'";
        JsonObject html = Element(
            "html",
            [],
            Element("head", [], [Element("script", new() { ["type"] = "text/javascript" }, Text(script)), .. Styles("ours", OfOurs), .. Styles("theirs", OfTheirs)]),
            Element(
                "body",
                [],
                [
                    Element("h1", new() { ["id"] = "seen" }, Text("here it is")),
                    .. Pictures("ours", OfOurs),
                    .. Pictures("theirs", OfTheirs),
                    Element("img", new() { ["src"] = SignIn(gateway) }),
                    Element("img", new() { ["src"] = "data:,", ["onerror"] = script }),
                    Element("iframe", new() { ["srcdoc"] = $"<script>{script}</script>" }),
                ]));
        JsonObject snapshot = new()
        {
            ["node"] = new JsonObject { ["type"] = 0, ["id"] = 1, ["childNodes"] = new JsonArray(html) },
            ["initialOffset"] = new JsonObject { ["top"] = 0, ["left"] = 0 },
        };
        return Replays.Rrweb(at, 2, snapshot.ToJsonString());

        string OfOurs(string way) => Export(gateway, way);

        string OfTheirs(string way) => new Uri(other, way).ToString();

        JsonObject[] Styles(string name, Func<string, string> address) =>
        [
            Element("link", new() { ["rel"] = "stylesheet", ["href"] = address("/css") }),
            Element("style", [], Text($"@import url('{address("/import")}');")),
            Element("style", [], Text($".{name} {{ background: url('{address("/background")}') }}")),
        ];

        JsonObject[] Pictures(string name, Func<string, string> address) =>
        [
            Element("img", new() { ["src"] = address("/img") }),
            Element("video", new() { ["src"] = address("/video"), ["preload"] = "auto" }),
            Element("p", new() { ["class"] = name }, Text(name)),
        ];

        JsonObject Element(string name, JsonObject attributes, params JsonObject[] children) => new()
        {
            ["type"] = 2,
            ["id"] = id++,
            ["tagName"] = name,
            ["attributes"] = attributes,
            ["childNodes"] = new JsonArray([.. children]),
        };

        JsonObject Text(string text) => new() { ["type"] = 3, ["id"] = id++, ["textContent"] = text };
    }

    /// <summary>An admin who is signed in, and a recording of a page that tries to use the admin's browser.</summary>
    private sealed class Watch(OwnProject project, OtherSite other, Visit visit, IPage page, string session) : IAsyncDisposable
    {
        public Gateway Gateway => project.Gateway;

        public OtherSite Other => other;

        public IPage Page => page;

        public IReadOnlyCollection<string> Complaints => visit.Complaints;

        /// <summary>The address of the session's page.</summary>
        public string Session => $"{Gateway.Address}sessions/{session}";

        /// <summary>The address of its replay's page.</summary>
        public string Replay => $"{Session}/replay";

        public static async Task<Watch> Start(Cluster cluster, Chromium chromium)
        {
            OwnProject project = await OwnProject.Create(cluster);
            OtherSite other = await OtherSite.Start();
            string session = await Record(project.Gateway, other);
            Visit visit = await chromium.Open();
            IPage page = await visit.NewTab();
            await page.SignIn(project.Gateway.Address, project.Key);
            return new Watch(project, other, visit, page, session);
        }

        public async ValueTask DisposeAsync()
        {
            await visit.DisposeAsync();
            await other.DisposeAsync();
            project.Dispose();
        }

        private static async Task<string> Record(Gateway gateway, OtherSite other)
        {
            string session = Events.NewSessionId();
            long at = DateTimeOffset.UtcNow.AddMinutes(-1).ToUnixTimeMilliseconds();
            using HttpResponseMessage answer = await gateway.Record(
                CancellationToken.None,
                Replays.Snapshot(session, Replays.Meta(at, 900, 700), Page(at + 1, gateway.Address, other.Address), Replays.Scroll(at + 500)));
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            return session;
        }
    }
}
