using Microsoft.Playwright;
using Sessions.SystemTests.Harness;

namespace Sessions.SystemTests.Browser;

/// <summary>The pages on a phone: which project it is, where the operator's pages are, and what covers or cuts what.</summary>
public sealed partial class PagesTests
{
    /// <summary>The links and buttons whose outline a box around them cuts when they have the focus.</summary>
    private const string WhoseFocusIsCut =
        """
        () => [...document.querySelectorAll('main a[href], main button, main summary')]
          .filter((one) => one.checkVisibility({ visibilityProperty: true }) && one.getClientRects().length > 0)
          .filter((one) => {
            one.focus({ preventScroll: true, focusVisible: true })
            if (document.activeElement !== one) {
              return false
            }
            const style = getComputedStyle(one)
            const far = parseFloat(style.outlineWidth) + parseFloat(style.outlineOffset)
            const { left, right, top, bottom } = one.getBoundingClientRect()
            for (let box = one.parentElement; box && box !== document.body; box = box.parentElement) {
              const { overflowX } = getComputedStyle(box)
              if (['auto', 'scroll'].includes(overflowX)) {
                // Browsers scroll to what gets the focus.
                break
              }
              if (['hidden', 'clip'].includes(overflowX)) {
                const around = box.getBoundingClientRect()
                if (left - far < around.left - .5 || right + far > around.right + .5 || top - far < around.top - .5 || bottom + far > around.bottom + .5) {
                  return true
                }
              }
            }
            return false
          })
          .map((one) => one.outerHTML.slice(0, 140))
        """;

    /// <summary>The buttons that lie on the text that they copy.</summary>
    private const string WhatIsCovered =
        """
        () => [...document.querySelectorAll('.code')].filter((one) => one.checkVisibility() && one.getClientRects().length > 0).filter((one) => {
          const [text, button] = [one.querySelector('pre'), one.querySelector('.btn')].map((part) => part.getBoundingClientRect())
          return button.left < text.right && text.left < button.right && button.top < text.bottom && text.top < button.bottom
        }).map((one) => one.querySelector('pre').id)
        """;

    [Theory]
    [InlineData(390)]
    [InlineData(1440)]
    public async Task Nothing_covers_a_snippet_breaks_an_events_name_or_cuts_the_focus(int width)
    {
        using OwnProject project = await OwnProject.Create(await shared.Started);
        await project.Gateway.Track(View(Events.NewDistinctId(new string('v', 60)), Events.NewSessionId(), $"/long/{new string('p', 120)}"));
        await using Visit visit = await chromium.Open();
        IPage page = await SignedIn(visit, project);
        await page.SetViewportSizeAsync(width, 844);
        await Listed(page, project, "");

        List<string> wrong = [];
        foreach (string path in (string[])["", "live", "sessions", "explore?breakdown=%24entry_pathname", "sql?q=select%20entry_pathname%20from%20sessions", "project", "project/webhooks"])
        {
            await page.GotoAsync($"{project.Gateway.Address}{path}");
            await page.EvaluateAsync("document.querySelectorAll('main details').forEach((one) => { one.open = one.closest('.chip, .drop') === null })");
            wrong.AddRange((await page.EvaluateAsync<string[]>(WhatIsCovered)).Select(one => $"{path}: the button lies on {one}"));
            wrong.AddRange((await page.EvaluateAsync<string[]>(WhoseFocusIsCut)).Select(one => $"{path}: the focus is cut of {one}"));
            wrong.AddRange((await page.Locator(".check code").EvaluateAllAsync<string[]>(
                "all => all.filter((one) => one.offsetHeight > 1.6 * parseFloat(getComputedStyle(one).lineHeight)).map((one) => one.textContent)")).Select(one => $"{path}: {one} is broken"));
        }

        Assert.Empty(wrong);
    }

    [Fact]
    public async Task A_phone_says_which_project_it_is_and_leads_the_operator_to_the_operators_pages()
    {
        Cluster cluster = await shared.Started;
        using OwnProject project = await OwnProject.Create(cluster);
        await using Visit visit = await chromium.Open();
        IPage page = await SignedIn(visit, project);
        await page.SetViewportSizeAsync(390, 844);
        foreach (string path in (string[])["", "live", "sessions", "explore", "sql", "project"])
        {
            await page.GotoAsync($"{project.Gateway.Address}{path}");
            Assert.True(await page.Locator(".side .project").IsVisibleAsync(), path);
            Assert.Equal(0, await page.GetByRole(AriaRole.Link, new() { Name = "Grains" }).CountAsync());
        }

        await using Visit other = await chromium.Open();
        IPage operators = await other.NewTab();
        await operators.SignIn(cluster.Ready.Gateways[0], cluster.Ready.OperatorKey);
        await operators.SetViewportSizeAsync(390, 844);
        await operators.GotoAsync($"{project.Gateway.Address}live");
        Assert.True(await operators.Locator(".switcher summary").IsVisibleAsync());
        foreach (string name in (string[])["Projects", "Orleans dashboard", "Documentation", "Grains"])
        {
            Assert.True(await operators.GetByRole(AriaRole.Link, new() { Name = name, Exact = true }).IsVisibleAsync(), name);
        }

        await operators.GetByRole(AriaRole.Link, new() { Name = "Grains", Exact = true }).ClickAsync();
        await operators.WaitForURLAsync(url => url.EndsWith("/grains", StringComparison.Ordinal));
        Assert.Equal(0, await operators.EvaluateAsync<int>("Math.max(0, document.documentElement.scrollWidth - 390)"));
    }
}
