using System.Net;
using System.Text.RegularExpressions;
using Microsoft.Playwright;
using Sessions.SystemTests.Harness;

namespace Sessions.SystemTests.Browser;

/// <summary>The operator's pages, and those of a project that have forms and lists below them.</summary>
public sealed partial class PagesTests
{
    [Theory]
    [InlineData(ColorScheme.Light, 1440)]
    [InlineData(ColorScheme.Dark, 1440)]
    [InlineData(ColorScheme.Light, 390)]
    [InlineData(ColorScheme.Dark, 390)]
    public async Task Every_page_of_the_operator_fits_its_window_and_passes_the_accessibility_checks(ColorScheme scheme, int width)
    {
        Cluster cluster = await shared.Started;
        using Gateway gateway = cluster.Gateway();
        string visitor = Events.NewDistinctId("operator"), session = Events.NewSessionId();
        await gateway.Track(View(visitor, session, "/operated"));
        await using Visit visit = await chromium.Open();
        IPage page = await visit.NewTab();
        await page.SignIn(gateway.Address, cluster.Ready.OperatorKey);
        await page.SetViewportSizeAsync(width, 900);
        await page.EmulateMediaAsync(new PageEmulateMediaOptions { ColorScheme = scheme, ReducedMotion = ReducedMotion.Reduce });

        List<string> wrong = [];
        foreach ((string name, string path) in new[]
        {
            ("projects", "/projects"), ("projects-new", "/projects#new"), ("grains", "/grains"), ("grains-session", $"/grains?id={session}"),
            ("grains-person", $"/grains?id={visitor}"), ("grains-unknown", "/grains?id=nothing"), ("operator-project", "/project"), ("operator-keys", "/project#keys"),
            ("operator-audit", "/project#audit"), ("operator-overview", "/"),
        })
        {
            await page.GotoAsync($"{gateway.Address}{path.TrimStart('/')}");
            await page.EvaluateAsync("document.querySelectorAll('details').forEach((one) => { one.open = one.closest('.chip') === null })");
            await page.ScreenshotAsync(new PageScreenshotOptions
            {
                Path = Path.Combine(Repository.Artifacts("screenshots"), $"{name}-{width}-{scheme.ToString().ToLowerInvariant()}.png"),
                FullPage = true,
            });
            if (await page.EvaluateAsync<int>("document.documentElement.scrollWidth") > width)
            {
                wrong.Add($"{name} is wider than {width} px");
            }

            wrong.AddRange((await Axe(page)).Select(fault => $"{name}: {fault}"));
        }

        Assert.Empty(wrong);
    }

    // Chromium does not show what is for browsers without scripts when its debugger switches scripts off. So the test reads
    // the page, and sends what a browser would.
    [Fact]
    public async Task Without_scripts_a_filter_of_an_event_can_be_added()
    {
        Cluster cluster = await shared.Started;
        using Gateway gateway = cluster.Gateway();
        string visitor = Events.NewDistinctId("plain"), session = Events.NewSessionId(), path = $"/{Guid.NewGuid():N}";
        await gateway.Track(View(visitor, session, path));
        using HttpClient browser = new(new HttpClientHandler { CookieContainer = new CookieContainer() }) { BaseAddress = gateway.Address };
        (await browser.SignIn(cluster.Ready.ApiKey)).Dispose();

        string page = await browser.GetStringAsync("/sessions?date_from=all");
        string plain = Plain().Match(page).Value;
        string[] fields = [.. Fields().Matches(plain).Select(field => field.Value)];
        Assert.Equal(["of", "key", "op", "value", "of", "key", "op", "value"], fields.Select(field => Fields().Match(field).Groups[1].Value));
        Assert.Contains("value=\"event\"", fields[4], StringComparison.Ordinal);
        Assert.DoesNotContain("disabled", fields[5], StringComparison.Ordinal);

        // The form of a session's filter stays empty.
        string filtered = await browser.GetStringAsync(
            $"/sessions?date_from=all&of=session&key=&op=exact&value=&of=event&key=pathname&op=exact&value={Uri.EscapeDataString(path)}");
        Assert.Contains($"Has an event whose pathname is {path}", filtered, StringComparison.Ordinal);
        Assert.Contains($"/sessions/{session}", filtered, StringComparison.Ordinal);
        Assert.Contains(">1 of 1 session ", filtered, StringComparison.Ordinal);
    }

    [GeneratedRegex("<(?:input|select)[^>]* name=\"(\\w+)\"[^>]*>")]
    private static partial Regex Fields();

    [GeneratedRegex("<noscript>\\s*<details.*?</noscript>", RegexOptions.Singleline)]
    private static partial Regex Plain();

    [Fact]
    public async Task A_point_of_a_chart_leads_to_its_sessions_by_mouse_by_key_and_by_the_second_touch()
    {
        using Gateway gateway = (await shared.Started).Gateway();
        string path = $"/{Guid.NewGuid():N}";
        await gateway.Track(View(Events.NewDistinctId("point"), Events.NewSessionId(), path), View(Events.NewDistinctId("point"), Events.NewSessionId(), path));
        await using Visit visit = await chromium.Open(hasTouch: true);
        IPage page = await SignedIn(visit);
        string address = $"{gateway.Address}?date_from=-7d&metric=sessions&of=session&key=%24entry_pathname&op=exact&value={Uri.EscapeDataString(path)}";
        await page.GotoAsync(address);
        ILocator chart = page.Locator("canvas[data-chart=overview-chart][tabindex='0']");
        await chart.WaitForAsync();

        await chart.FocusAsync();
        await page.Keyboard.PressAsync("End");
        Assert.Contains("sessions", await page.Locator("[data-point-said]").InnerTextAsync(), StringComparison.Ordinal);
        await page.Keyboard.PressAsync("Enter");
        await ShowsBoth();

        await page.GotoAsync(address);
        (float x, float y) = await Last();
        await page.Mouse.ClickAsync(x, y);
        await ShowsBoth();

        using SemaphoreSlim clicks = new(0);
        await page.ExposeFunctionAsync("sayClick", () => { clicks.Release(); });
        await page.GotoAsync(address);
        await page.EvaluateAsync("document.addEventListener('click', () => { sayClick() }, { capture: true })");
        (x, y) = await Last();
        await Touch();
        Assert.DoesNotContain("/sessions", page.Url, StringComparison.Ordinal);
        await Touch();
        await ShowsBoth();

        // On a busy machine the browser takes a touch for a long press, which clicks on nothing. A finger would touch again.
        async Task Touch()
        {
            bool hasClicked = false;
            for (int touches = 0; touches < 5 && !hasClicked; touches++)
            {
                await page.Touchscreen.TapAsync(x, y);
                hasClicked = await clicks.WaitAsync(TimeSpan.FromSeconds(3));
            }

            Assert.True(hasClicked, "five touches made no click");
        }

        async Task<(float X, float Y)> Last()
        {
            await chart.WaitForAsync();
            await chart.ScrollIntoViewIfNeededAsync();
            LocatorBoundingBoxResult box = (await chart.BoundingBoxAsync())!;
            return (box.X + box.Width - 20, box.Y + 30);
        }

        async Task ShowsBoth()
        {
            await page.WaitForURLAsync(url => url.Contains("/sessions?counted=", StringComparison.Ordinal));
            Assert.Equal(2, await page.Locator("tbody tr").CountAsync());
        }
    }

    [Fact]
    public async Task The_sessions_behind_a_number_are_a_CSV_file_too()
    {
        using Gateway gateway = (await shared.Started).Gateway();
        string path = $"/{Guid.NewGuid():N}";
        string[] visitors = [Events.NewDistinctId("csv"), Events.NewDistinctId("csv")];
        await gateway.Track(View(visitors[0], Events.NewSessionId(), path), View(visitors[1], Events.NewSessionId(), path));
        await using Visit visit = await chromium.Open();
        IPage page = await SignedIn(visit);
        await page.GotoAsync($"{gateway.Address}?date_from=-7d&metric=sessions&of=session&key=%24entry_pathname&op=exact&value={Uri.EscapeDataString(path)}");
        await page.GotoAsync(gateway.Address + (await page.Locator("[data-point='0:6']").GetAttributeAsync("href"))!.TrimStart('/'));

        string file = await page.EvaluateAsync<string>("fetch([...document.querySelectorAll('a[download]')][0].href).then((answer) => answer.text())");

        Assert.Equal(3, file.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        Assert.All(visitors, visitor => Assert.Contains(visitor, file, StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_live_page_can_be_filtered_and_stays_up_to_date()
    {
        using Gateway gateway = (await shared.Started).Gateway();
        string path = $"/{Guid.NewGuid():N}";
        string[] sessions = [Events.NewSessionId(), Events.NewSessionId(), Events.NewSessionId()];
        await gateway.Track(View(Events.NewDistinctId("on"), sessions[0], path), View(Events.NewDistinctId("on"), sessions[1], "/elsewhere"));
        await using Visit visit = await chromium.Open();
        IPage page = await SignedIn(visit);

        await page.GotoAsync($"{gateway.Address}live?of=session&key=%24entry_pathname&op=exact&value={Uri.EscapeDataString(path)}");
        Assert.Equal(1, await page.Locator("[data-live-rows=active] tr").CountAsync());
        Assert.Equal("1", await page.Locator("[data-live-count]").InnerTextAsync());

        await gateway.Track(View(Events.NewDistinctId("on"), sessions[2], path), View(Events.NewDistinctId("on"), Events.NewSessionId(), "/elsewhere"));
        await page.Locator($"tr:has(a[href='/sessions/{sessions[2]}'])").WaitForAsync();
        Assert.Equal(2, await page.Locator("[data-live-rows=active] tr").CountAsync());
        Assert.Equal(0, await page.Locator($"a[href='/sessions/{sessions[1]}']").CountAsync());
        Assert.Empty(visit.Complaints);
    }
}
