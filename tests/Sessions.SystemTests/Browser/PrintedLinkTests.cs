using System.Text.RegularExpressions;
using Microsoft.Playwright;
using Sessions.SystemTests.Harness;

namespace Sessions.SystemTests.Browser;

/// <summary>The link that <c>./run</c> prints, in a real browser.</summary>
[Collection(Lane.Started)]
public sealed partial class PrintedLinkTests(Chromium chromium)
{
    private static readonly TimeSpan Printed = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task The_link_that_run_prints_signs_the_operator_in_once()
    {
        // A cluster of its own: the link is good for ten minutes, and the shared cluster may be older.
        await using Cluster cluster = await Cluster.Launch(new ClusterPlan { Name = "printed-link" });
        string link = "";
        await Wait.For(
            async () => (link = Link().Match(await cluster.WholeOutput()).Value).Length > 0,
            () => $"./run printed no link that signs in.{Environment.NewLine}{cluster.Output}",
            Printed);

        string[] before = (await cluster.WholeOutput()).Split("Orleans.Sessions ")[0].Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.All(before, line => Assert.DoesNotMatch(@"\b(trce|dbug|info|warn|fail|crit): ", line));
        Assert.Equal("/", await PageOf(link));
        Assert.Equal("/signin", await PageOf(link));

        async Task<string> PageOf(string address)
        {
            await using Visit visit = await chromium.Open();
            IPage page = await visit.NewTab();
            await page.GotoAsync(address);
            if (new Uri(page.Url).AbsolutePath is not "/")
            {
                return new Uri(page.Url).AbsolutePath;
            }

            // Only the operator may open it.
            IResponse? dashboard = await page.GotoAsync(new Uri(new Uri(page.Url), "/dashboard").ToString());
            Assert.Equal(200, dashboard!.Status);
            Assert.StartsWith("/dashboard", new Uri(page.Url).AbsolutePath, StringComparison.Ordinal);
            return "/";
        }
    }

    [GeneratedRegex(@"http://\S+/signin\?\S+")]
    private static partial Regex Link();
}
