using Microsoft.Playwright;
using Sessions.SystemTests.Harness;

namespace Sessions.SystemTests.Browser;

/// <summary>The overview in a browser: tabs, chips, suggestions, the map and keyboard shortcuts.</summary>
public sealed partial class PagesTests
{
    [Fact]
    public async Task A_tab_of_a_card_opens_without_a_reload_and_stays_when_the_page_is_filtered()
    {
        using OwnProject project = await OwnProject.Create(await shared.Started);
        await project.Gateway.Track(View(Events.NewDistinctId("card"), Events.NewSessionId(), "/first"));
        await using Visit visit = await chromium.Open();
        IPage page = await SignedIn(visit, project);
        await Listed(page, project, "");
        await page.EvaluateAsync("window.isSamePage = true");

        await page.GetByRole(AriaRole.Link, new() { Name = "Exit pages" }).ClickAsync();
        await page.Locator("[data-card=pages] [aria-current]").Filter(new() { HasText = "Exit pages" }).WaitForAsync();
        Assert.True(await page.EvaluateAsync<bool>("window.isSamePage === true"));
        Assert.Contains("pages=exit", page.Url, StringComparison.Ordinal);
        Assert.Equal("Exit pages", await page.EvaluateAsync<string>("document.activeElement.textContent"));

        await page.Locator("[data-card=pages] .bar a").First.ClickAsync();
        await page.Locator(".chip").Filter(new() { HasText = "Exit pathname is /first" }).WaitForAsync();
        Assert.Contains("pages=exit", page.Url, StringComparison.Ordinal);
        await page.GetByRole(AriaRole.Link, new() { NameRegex = new("^Remove the filter") }).ClickAsync();
        await page.WaitForURLAsync(url => !url.Contains("key=", StringComparison.Ordinal));
        Assert.Empty(visit.Complaints);
    }

    [Fact]
    public async Task A_new_filter_suggests_the_projects_own_values_and_Escape_closes_it()
    {
        using OwnProject project = await OwnProject.Create(await shared.Started);
        await project.Gateway.Track(Events.Event("bought", Events.NewDistinctId("chip"), Events.NewSessionId(), null, ("plan", "gold")));
        await using Visit visit = await chromium.Open();
        IPage page = await SignedIn(visit, project);
        await Listed(page, project, "");

        await page.GetByRole(AriaRole.Button, new() { Name = "Filter", Exact = true }).ClickAsync();
        await page.GetByLabel("What is filtered by").SelectOptionAsync("event");
        await page.GetByLabel("Property of the event").FillAsync("plan");
        await page.GetByLabel("Value", new() { Exact = true }).FocusAsync();
        await page.Locator("datalist[data-of-field] option[value=gold]").WaitForAsync(new() { State = WaitForSelectorState.Attached });
        await page.Keyboard.PressAsync("Escape");
        Assert.False(await page.Locator(".chip details").EvaluateAsync<bool>("chip => chip.open"));
        await page.Locator(".chip summary").ClickAsync();
        await page.GetByLabel("Value", new() { Exact = true }).FillAsync("gold");
        await page.Keyboard.PressAsync("Enter");

        await page.Locator(".chip").Filter(new() { HasText = "Has an event whose plan is gold" }).WaitForAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "Explore", Exact = true }).First.ClickAsync();
        await page.Locator(".chip").Filter(new() { HasText = "Has an event whose plan is gold" }).WaitForAsync();
    }

    [Fact]
    public async Task Shortcuts_work_unless_somebody_types_and_the_question_mark_lists_them()
    {
        using OwnProject project = await OwnProject.Create(await shared.Started);
        await project.Gateway.Track(View(Events.NewDistinctId("keys"), Events.NewSessionId(), "/keys"));
        await using Visit visit = await chromium.Open();
        IPage page = await SignedIn(visit, project);
        await Listed(page, project, "");

        await page.Keyboard.PressAsync("?");
        ILocator list = page.GetByRole(AriaRole.Dialog, new() { Name = "Keyboard shortcuts" });
        await list.WaitForAsync();
        Assert.Empty(await Axe(page));
        await page.Keyboard.PressAsync("Escape");
        await list.WaitForAsync(new() { State = WaitForSelectorState.Detached });
        await page.Keyboard.PressAsync("m");
        await page.WaitForURLAsync(url => url.Contains("date_from=-30d", StringComparison.Ordinal));
        await page.Keyboard.PressAsync("g");
        await page.Keyboard.PressAsync("s");
        await page.WaitForURLAsync(url => url.Contains("/sessions?date_from=-30d", StringComparison.Ordinal));
        await page.Keyboard.PressAsync("f");
        await page.GetByLabel("Value", new() { Exact = true }).FocusAsync();
        await page.Keyboard.TypeAsync("gowd?");

        Assert.Equal("gowd?", await page.GetByLabel("Value", new() { Exact = true }).InputValueAsync());
        Assert.Equal(0, await page.GetByRole(AriaRole.Dialog).CountAsync());
        Assert.Contains("/sessions?date_from=-30d", page.Url, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_query_is_saved_in_the_browser_for_its_project_alone()
    {
        using OwnProject project = await OwnProject.Create(await shared.Started);
        await using Visit visit = await chromium.Open();
        IPage page = await SignedIn(visit, project);
        page.Dialog += (_, dialog) => dialog.AcceptAsync("Mine <b>");
        await page.GotoAsync($"{project.Gateway.Address}sql");

        await page.GetByLabel("Query", new() { Exact = true }).FillAsync("select 6 * 7 as answer");
        await page.GetByRole(AriaRole.Button, new() { Name = "Save query" }).ClickAsync();
        await page.ReloadAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Mine <b>", Exact = true }).ClickAsync();
        string loaded = await page.GetByLabel("Query", new() { Exact = true }).InputValueAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Remove the saved query Mine <b>" }).ClickAsync();

        Assert.Equal("select 6 * 7 as answer", loaded);
        Assert.True(await page.Locator("[data-sql-saved]").IsHiddenAsync());
    }

    [Fact]
    public async Task The_last_series_of_the_explorer_cannot_be_removed()
    {
        using OwnProject project = await OwnProject.Create(await shared.Started);
        await project.Gateway.Track(View(Events.NewDistinctId("series"), Events.NewSessionId(), "/series"));
        await using Visit visit = await chromium.Open();
        IPage page = await SignedIn(visit, project);
        await Listed(page, project, "explore?math=total&event=%24pageview&math=total&event=");
        ILocator remove = page.GetByRole(AriaRole.Button, new() { Name = "Remove this series" });

        Assert.Equal(2, await remove.CountAsync());
        await remove.Last.ClickAsync();
        Assert.Equal(0, await remove.CountAsync());
        await page.GetByRole(AriaRole.Button, new() { Name = "Series", Exact = true }).ClickAsync();
        Assert.Equal(2, await remove.CountAsync());
        await remove.First.ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Show", Exact = true }).ClickAsync();

        await page.WaitForURLAsync(url => url.Contains("math=total", StringComparison.Ordinal) && !url.Contains("pageview", StringComparison.Ordinal));
        Assert.Equal(1, await page.Locator(".letter").CountAsync());
    }

    [Theory]
    [InlineData("", "Dates")]
    [InlineData("", "vs. previous period")]
    [InlineData("", "Project")]
    [InlineData("?of=session&key=%24browser&op=exact&value=x", "Browser is x")]
    [InlineData("sessions", "Columns")]
    [InlineData("explore", "Dates")]
    public async Task A_popover_closes_by_Escape_and_by_a_click_outside(string path, string name)
    {
        Cluster cluster = await shared.Started;
        await using Visit visit = await chromium.Open();
        IPage page = await visit.NewTab();
        await page.SignIn(cluster.Ready.Gateways[0], cluster.Ready.OperatorKey);
        await page.GotoAsync($"{cluster.Ready.Gateways[0]}{path}");
        ILocator opener = name == "Project" ? page.Locator(".switcher > summary") : page.Locator("summary").Filter(new() { HasText = name }).First;
        ILocator popover = opener.Locator("xpath=..");
        ILocator sheet = popover.Locator(".sheet");

        await opener.ClickAsync();
        await sheet.WaitForAsync();
        await page.Keyboard.PressAsync("Escape");
        Assert.False(await popover.EvaluateAsync<bool>("one => one.open"));
        Assert.True(await opener.EvaluateAsync<bool>("one => one === document.activeElement"));

        await opener.ClickAsync();
        await sheet.WaitForAsync();
        // A click inside leaves it open.
        await sheet.ClickAsync(new() { Position = new() { X = 3, Y = 3 } });
        Assert.True(await popover.EvaluateAsync<bool>("one => one.open"));
        await page.Mouse.ClickAsync(1300, 700);
        Assert.False(await popover.EvaluateAsync<bool>("one => one.open"));
    }

    [Fact]
    public async Task A_new_filter_and_the_list_of_shortcuts_close_by_Escape_and_by_a_click_outside()
    {
        Cluster cluster = await shared.Started;
        await using Visit visit = await chromium.Open();
        IPage page = await SignedIn(visit);
        await page.GotoAsync($"{cluster.Ready.Gateways[0]}sessions");

        await page.GetByRole(AriaRole.Button, new() { Name = "Filter", Exact = true }).ClickAsync();
        await page.Mouse.ClickAsync(1200, 700);
        Assert.False(await page.Locator(".chip details").EvaluateAsync<bool>("chip => chip.open"));

        ILocator list = page.GetByRole(AriaRole.Dialog, new() { Name = "Keyboard shortcuts" });
        foreach (Func<Task> close in (Func<Task>[])[() => page.Keyboard.PressAsync("Escape"), () => page.Mouse.ClickAsync(5, 5)])
        {
            await page.Keyboard.PressAsync("?");
            await list.WaitForAsync();
            await list.GetByRole(AriaRole.Heading).ClickAsync();
            Assert.Equal(1, await list.CountAsync());
            await close();
            await list.WaitForAsync(new() { State = WaitForSelectorState.Detached });
        }
    }

    [Fact]
    public async Task On_a_phone_the_explorers_form_is_behind_a_button()
    {
        using OwnProject project = await OwnProject.Create(await shared.Started);
        await project.Gateway.Track(View(Events.NewDistinctId("phone"), Events.NewSessionId(), "/phone"));
        await using Visit visit = await chromium.Open();
        IPage page = await SignedIn(visit, project);
        await page.SetViewportSizeAsync(390, 844);
        await Listed(page, project, "explore");

        Assert.True(await page.Locator("#explore-chart, canvas").First.EvaluateAsync<bool>("chart => chart.getBoundingClientRect().top < innerHeight || chart.tagName === 'SCRIPT'"));
        Assert.False(await page.Locator("#explore-form").IsVisibleAsync());
        await page.GetByRole(AriaRole.Button, new() { Name = "Change the question" }).ClickAsync();
        Assert.True(await page.Locator("#explore-form").IsVisibleAsync());
    }

    private async Task<IPage> SignedIn(Visit visit, OwnProject project)
    {
        IPage page = await visit.NewTab();
        await page.SignIn((await shared.Started).Ready.Gateways[0], project.Key);
        return page;
    }

    /// <summary>Opens a page as soon as it has the project's session: rows are some seconds behind.</summary>
    private static Task Listed(IPage page, OwnProject project, string path) => Wait.For(
        async () =>
        {
            await page.GotoAsync($"{project.Gateway.Address}{path}");
            return await page.Locator("canvas").CountAsync() > 0;
        },
        "The page does not show the session.",
        Seen);
}
