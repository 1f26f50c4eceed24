using System.Net;
using System.Text.Json.Nodes;
using Microsoft.Playwright;
using Sessions.SystemTests.Harness;

namespace Sessions.SystemTests.Browser;

/// <summary>The product's pages in a real browser.</summary>
[Collection(Lane.Shared)]
public sealed partial class PagesTests(SharedCluster shared, Chromium chromium)
{
    private static readonly TimeSpan Seen = TimeSpan.FromSeconds(30);

    private static readonly (string Name, string Path)[] Pages =
    [
        ("overview", "/?compare=year&pages=all"),
        ("overview-filtered", "/?of=session&key=%24pageview_count&op=gte&value=1&of=session&key=%24browser&op=resembles&value=x&size=9"),
        ("live", "/live"),
        ("sessions", "/sessions?date_from=all&of=session&key=%24pageview_count&op=gte&value=1&of=event&key=event&op=exact&value=%24pageview"),
        ("explore", "/explore?breakdown=%24channel_type&math=total&math=unique_users&event=&event="),
        ("explore-bars", "/explore?breakdown=%24session_duration&bins=5&interval=whole&chart=bar&math=total&event="),
        ("sql", "/sql?q=select%20start_timestamp%2C%20event_count%20from%20sessions%20limit%2020"),
        ("project", "/project"),
        ("webhooks", "/project/webhooks"),
        ("privacy", "/project/privacy"),
        ("docs", "/docs/query"),
        ("admins-only", "/admins-only"),
        ("no-such-session", "/sessions/01890000-0000-7000-8000-000000000000"),
    ];

    /// <summary>What the window cuts, and no box scrolls to.</summary>
    private const string WhatIsCut =
        """
        () => [...document.querySelectorAll('a, button, input, select, textarea, h1, h2, h3, label, p')]
          .filter((one) => one.checkVisibility({ visibilityProperty: true }) && one.getClientRects().length > 0)
          .filter((one) => !one.matches('.skip, .sr') && !one.closest('.scroll, .segments, nav, pre, .tabline, table, .sr'))
          .filter((one) => one.getBoundingClientRect().right > innerWidth + 1 || one.getBoundingClientRect().left < -1)
          .map((one) => one.outerHTML.slice(0, 120))
        """;

    [Theory]
    [InlineData(ColorScheme.Light, 1440)]
    [InlineData(ColorScheme.Dark, 1440)]
    [InlineData(ColorScheme.Light, 390)]
    [InlineData(ColorScheme.Dark, 390)]
    public async Task Every_page_fits_its_window_and_passes_the_accessibility_checks(ColorScheme scheme, int width)
    {
        using Gateway gateway = (await shared.Started).Gateway();
        string visitor = Events.NewDistinctId("pages"), session = Events.NewSessionId();
        await gateway.Track(View(visitor, session, "/walk"), View(visitor, session, "/walk/on"));
        await using Visit visit = await chromium.Open();
        IPage page = await SignedIn(visit);
        await page.SetViewportSizeAsync(width, 900);
        await page.EmulateMediaAsync(new PageEmulateMediaOptions { ColorScheme = scheme, ReducedMotion = ReducedMotion.Reduce });

        List<string> wrong = [];
        foreach ((string name, string path) in Pages.Append(("session", $"/sessions/{session}")))
        {
            await page.GotoAsync($"{gateway.Address}{path.TrimStart('/')}");
            await page.ScreenshotAsync(new PageScreenshotOptions
            {
                Path = Path.Combine(Repository.Artifacts("screenshots"), $"{name}-{width}-{scheme.ToString().ToLowerInvariant()}.png"),
                FullPage = true,
            });
            if (await page.EvaluateAsync<int>("document.documentElement.scrollWidth") > width)
            {
                wrong.Add($"{name} is wider than {width} px");
            }

            wrong.AddRange((await page.EvaluateAsync<string[]>(WhatIsCut)).Select(one => $"{name} cuts {one}"));
            wrong.AddRange((await Axe(page)).Select(fault => $"{name}: {fault}"));
        }

        Assert.Empty(wrong);
        // The console tells of the two pages that are answered 404 and 403, and of nothing else.
        Assert.DoesNotContain(
            visit.Complaints,
            complaint => !complaint.Contains("404", StringComparison.Ordinal) && !complaint.Contains("403", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_live_page_shows_new_and_ended_sessions_without_a_reload()
    {
        using Gateway gateway = (await shared.Started).Gateway();
        await using Visit visit = await chromium.Open();
        IPage page = await SignedIn(visit);
        await page.GotoAsync($"{gateway.Address}live");
        await page.GetByText("updating live").WaitForAsync();
        string visitor = Events.NewDistinctId("live"), session = Events.NewSessionId();
        ILocator row = page.Locator($"tr:has(a[href='/sessions/{session}'])");

        await gateway.Track(View(visitor, session, "/came"));
        await row.WaitForAsync();
        Assert.Contains("/came", await row.InnerTextAsync(), StringComparison.Ordinal);

        await gateway.Track(View(visitor, session, "/went-on"));
        await Wait.For(
            async () => (await row.InnerTextAsync()).Contains("/went-on", StringComparison.Ordinal), "The page did not follow.", Seen);

        using HttpResponseMessage reset = await gateway.Ask(HttpMethod.Post, $"/api/devices/{visitor}/reset");
        Assert.Equal(HttpStatusCode.OK, reset.StatusCode);
        await row.WaitForAsync(new LocatorWaitForOptions { State = WaitForSelectorState.Detached });
    }

    [Fact]
    public async Task A_link_to_a_filtered_page_shows_the_same_filter()
    {
        using Gateway gateway = (await shared.Started).Gateway();
        string path = $"/{Guid.NewGuid():N}";
        string visitor = Events.NewDistinctId("filter"), session = Events.NewSessionId();
        await gateway.Track(View(visitor, session, path));
        await gateway.Track(View(Events.NewDistinctId("other"), Events.NewSessionId(), "/other"));
        await using Visit visit = await chromium.Open();
        IPage page = await SignedIn(visit);

        await page.GotoAsync($"{gateway.Address}sessions");
        await page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "Filter", Exact = true }).ClickAsync();
        await page.GetByLabel("Property of the session").SelectOptionAsync("$entry_pathname");
        await page.GetByLabel("Operator").SelectOptionAsync("icontains");
        await page.GetByLabel("Value", new PageGetByLabelOptions { Exact = true }).FillAsync(path);
        await page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "Apply" }).First.ClickAsync();
        await page.WaitForURLAsync(url => url.Contains("icontains", StringComparison.Ordinal));
        IPage friends = await visit.NewTab();
        await friends.GotoAsync(page.Url);

        Assert.Equal([visitor], await friends.Locator("tbody tr td:first-child").AllInnerTextsAsync());
    }

    [Fact]
    public async Task Sessions_are_found_by_properties_of_their_events()
    {
        using Gateway gateway = (await shared.Started).Gateway();
        string plan = $"plan-{Guid.NewGuid():N}";
        string buyer = Events.NewDistinctId("buyer");
        await gateway.Track(Events.Event("bought", buyer, Events.NewSessionId(), null, ("plan", plan), ("seats", 12)));
        await gateway.Track(Events.Event("bought", Events.NewDistinctId("few"), Events.NewSessionId(), null, ("plan", plan), ("seats", 9)));
        await using Visit visit = await chromium.Open();
        IPage page = await SignedIn(visit);

        await page.GotoAsync($"{gateway.Address}sessions");
        foreach ((string key, string comparison, string value) in new[] { ("plan", "exact", plan), ("seats", "gte", "10") })
        {
            await page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "Filter", Exact = true }).ClickAsync();
            await page.GetByLabel("What is filtered by").Last.SelectOptionAsync("event");
            await page.GetByLabel("Property of the event").Last.FillAsync(key);
            await page.GetByLabel("Operator").Last.SelectOptionAsync(comparison);
            await page.GetByLabel("Value", new PageGetByLabelOptions { Exact = true }).Last.FillAsync(value);
        }

        await page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "Apply" }).First.ClickAsync();
        await page.WaitForURLAsync(url => url.Contains("of=event", StringComparison.Ordinal));
        IPage friends = await visit.NewTab();
        await friends.GotoAsync(page.Url);

        Assert.Equal([buyer], await friends.Locator("tbody tr td:first-child").AllInnerTextsAsync());
        Assert.Equal(["plan", "seats"], await friends.GetByLabel("Property of the event").EvaluateAllAsync<string[]>("fields => fields.map((field) => field.value)"));
        // The same builder narrows the overview and what is explored.
        foreach (string other in new[] { "", "explore" })
        {
            await friends.GotoAsync($"{gateway.Address}{other}{new Uri(page.Url).Query}");
            Assert.Equal(2, await friends.GetByLabel("Property of the event").CountAsync());
            Assert.Equal(0, await friends.GetByRole(AriaRole.Alert).CountAsync());
        }
    }

    [Fact]
    public async Task A_chosen_theme_is_kept_after_a_reload()
    {
        using Gateway gateway = (await shared.Started).Gateway();
        await using Visit visit = await chromium.Open();
        IPage page = await SignedIn(visit);
        await page.GotoAsync($"{gateway.Address}project");

        await page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "Dark" }).ClickAsync();
        string dark = await page.EvaluateAsync<string>("getComputedStyle(document.body).backgroundColor");
        await page.GotoAsync($"{gateway.Address}live");

        Assert.Equal("dark", await page.Locator("html").GetAttributeAsync("data-theme"));
        Assert.Equal(dark, await page.EvaluateAsync<string>("getComputedStyle(document.body).backgroundColor"));
    }

    [Fact]
    public async Task The_snippet_of_the_page_works_when_it_is_pasted_into_a_site()
    {
        using Gateway gateway = (await shared.Started).Gateway();
        await using Visit visit = await chromium.Open();
        IPage page = await SignedIn(visit);
        await page.GotoAsync($"{gateway.Address}project");
        string snippet = await page.Locator("#snippet-web").InnerTextAsync();

        await using Site site = await Site.WithPasted(snippet);
        IPage tab = await visit.NewTab();
        await tab.GotoAsync(new Uri(site.Address, "welcome").ToString());
        await Visit.SdkIsThere(tab);

        JsonObject session = await gateway.SessionWith(await Visit.SessionId(tab), 1);
        Assert.Equal("/welcome", (string?)session["$entry_pathname"]);
    }

    [Fact]
    public async Task An_SQL_query_is_answered_in_a_table_and_an_error_shows_its_position()
    {
        using Gateway gateway = (await shared.Started).Gateway();
        await using Visit visit = await chromium.Open();
        IPage page = await SignedIn(visit);
        await page.GotoAsync($"{gateway.Address}sql");

        await page.GetByLabel("Query").FillAsync("select 6 * 7 as answer");
        await page.GetByLabel("Query").PressAsync("Control+Enter");
        await page.GetByRole(AriaRole.Cell, new PageGetByRoleOptions { Name = "42" }).WaitForAsync();
        await page.GetByLabel("Query").FillAsync("select 1\nfrom nothing");
        await page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "Run" }).ClickAsync();

        Assert.Contains("in line 2 at character 6", await page.GetByRole(AriaRole.Alert).InnerTextAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_person_is_found_and_deleted_with_the_keyboard_alone()
    {
        using Gateway gateway = (await shared.Started).Gateway();
        string visitor = Events.NewDistinctId("forget-me"), session = Events.NewSessionId();
        await gateway.Track(View(visitor, session, "/seen"));
        await using Visit visit = await chromium.Open();
        IPage page = await SignedIn(visit);
        page.Dialog += (_, dialog) => dialog.AcceptAsync();
        await page.GotoAsync($"{gateway.Address}project/privacy");

        await page.GetByLabel("Distinct id", new PageGetByLabelOptions { Exact = true }).FocusAsync();
        await page.Keyboard.TypeAsync(visitor);
        await page.Keyboard.PressAsync("Enter");
        await page.GetByText("I understand that this can't be undone").WaitForAsync();
        await page.ScreenshotAsync(new PageScreenshotOptions { Path = Path.Combine(Repository.Artifacts("screenshots"), "person-found.png"), FullPage = true });
        Assert.Empty(await Axe(page));
        await page.GetByLabel("I understand that this can't be undone").FocusAsync();
        await page.Keyboard.PressAsync("Space");
        await page.Keyboard.PressAsync("Tab");
        await page.Keyboard.PressAsync("Enter");

        await page.WaitForURLAsync(url => url.Contains("deleted=", StringComparison.Ordinal));
        Assert.Contains("The person is", await page.GetByRole(AriaRole.Status).InnerTextAsync(), StringComparison.Ordinal);
        await page.ScreenshotAsync(new PageScreenshotOptions { Path = Path.Combine(Repository.Artifacts("screenshots"), "person-deleted.png"), FullPage = true });
        await Wait.For(async () => await gateway.Session(session) is null, "The session is still there.", Seen);
    }

    private static JsonObject View(string visitor, string session, string path) => Events.Event(
        "$pageview", visitor, session, null, ("$current_url", $"https://pages.example{path}"), ("$pathname", path));

    private async Task<IPage> SignedIn(Visit visit)
    {
        IPage page = await visit.NewTab();
        Cluster cluster = await shared.Started;
        await page.SignIn(cluster.Ready.Gateways[0], cluster.Ready.ApiKey);
        return page;
    }

    /// <summary>The serious faults that axe finds on the page.</summary>
    private static async Task<IReadOnlyList<string>> Axe(IPage page)
    {
        await page.EvaluateAsync(await File.ReadAllTextAsync(Path.Combine(Repository.NpmPackage("axe-core"), "axe.min.js")));
        return await page.EvaluateAsync<string[]>(
            """
            async () => {
              const found = await axe.run(document, { resultTypes: ['violations'] })
              return found.violations.filter((fault) => ['serious', 'critical'].includes(fault.impact))
                .flatMap((fault) => fault.nodes.map((node) => `${fault.id} at ${node.target.join(' ')}`))
            }
            """);
    }
}
