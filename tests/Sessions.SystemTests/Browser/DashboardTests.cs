using System.Text.RegularExpressions;
using Microsoft.Playwright;
using Sessions.SystemTests.Harness;

namespace Sessions.SystemTests.Browser;

/// <summary>The operators' pages in a real browser.</summary>
[Collection(Lane.Shared)]
public sealed partial class DashboardTests(SharedCluster shared, Chromium chromium)
{
    private static readonly TimeSpan Counted = TimeSpan.FromSeconds(60);

    [Theory]
    [InlineData("")]
    [InlineData("dashboard")]
    [InlineData("dashboard/DashboardCounters")]
    public async Task Pages_without_a_key_redirect_to_the_sign_in_page(string path)
    {
        using Gateway gateway = (await shared.Started).Gateway();
        await using Visit visit = await chromium.Open();

        IPage page = await visit.NewTab();
        await page.GotoAsync($"{gateway.Address}{path}");

        Assert.Equal("/signin", new Uri(page.Url).AbsolutePath);
    }

    [Fact]
    public async Task After_sign_in_with_the_operators_key_the_dashboard_lists_the_grains_with_their_calls()
    {
        Cluster cluster = await shared.Started;
        using Gateway gateway = cluster.Gateway();
        await using Visit visit = await chromium.Open();
        IPage page = await visit.NewTab();

        await page.SignIn(gateway.Address, cluster.Ready.OperatorKey);
        Assert.Empty(visit.Complaints);
        await page.GotoAsync($"{gateway.Address}dashboard/#/grains");

        foreach (string grain in (string[])["UserDeviceGrain", "SessionGrain"])
        {
            ILocator row = page.Locator($"tr:has(td[title$='.{grain}'])").First;
            await Wait.For(
                async () =>
                {
                    // The dashboard counts the last seconds only, so there must be something to count.
                    await gateway.Track(Events.Event("$pageview", Events.NewDistinctId("seen"), Events.NewSessionId()));
                    return await row.IsVisibleAsync() && Calls().IsMatch(await row.InnerTextAsync());
                },
                $"the dashboard does not list {grain} with calls",
                Counted);
            Assert.DoesNotContain("System Grain", await row.InnerTextAsync(), StringComparison.Ordinal);
        }

        await page.ScreenshotAsync(new PageScreenshotOptions
        {
            Path = Path.Combine(Repository.Artifacts("screens"), "dashboard-grains.png"),
        });
        // On a busy machine its own script trips over what it has not been given yet; what it asks for is ours.
        Assert.DoesNotContain(visit.Complaints, complaint => !complaint.Contains("TypeError: Cannot read properties of undefined", StringComparison.Ordinal));
    }

    // The list says how many calls a second there are.
    [GeneratedRegex(@"[1-9]\d*(\.\d+)?\s*req/sec|0\.\d*[1-9]\d*\s*req/sec")]
    private static partial Regex Calls();
}
