using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using Sessions.SystemTests.Harness;

namespace Sessions.SystemTests.Durability;

/// <summary>Pages tell people soon that Postgres is away, whether it refuses connections or says nothing at all.</summary>
[Collection(Lane.Killed)]
public sealed class PagesWithoutPostgresTests
{
    // Five seconds are promised; a busy machine takes a little longer to send the answer.
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(6.5);

    private static readonly string[] Pages =
        ["/", "/live", "/sessions", "/explore", "/sql", "/project", "/project/privacy", "/project/webhooks", "/sessions/01890000-0000-7000-8000-000000000000"];

    [Fact]
    public async Task Every_page_answers_503_within_seconds_while_Postgres_is_away()
    {
        await using Cluster cluster = await Cluster.Launch(new ClusterPlan { Name = "pages-away" });
        using HttpClient browser = new(new HttpClientHandler { CookieContainer = new CookieContainer() }) { BaseAddress = cluster.Ready.Gateways[0] };
        browser.DefaultRequestHeaders.Accept.Add(new MediaTypeWithQualityHeaderValue("text/html"));
        using HttpResponseMessage signedIn = await browser.SignIn(cluster.Ready.ApiKey);
        foreach (string page in Pages)
        {
            using HttpResponseMessage answer = await browser.GetAsync(page);
            Assert.NotEqual(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        }

        int[] postgres = [cluster.Ready.OfRole("postgres").Single().Pid, .. ChildrenOf(cluster.Ready.OfRole("postgres").Single().Pid)];
        try
        {
            Array.ForEach(postgres, Signals.Freeze);
            await AllAreUnavailable(browser, Pages, "frozen");
        }
        finally
        {
            Array.ForEach(postgres, Signals.GoOn);
        }

        await Wait.For(
            async () => (await browser.GetAsync("/live")).StatusCode == HttpStatusCode.OK, "The pages did not come back.", TimeSpan.FromSeconds(60));
        await Postmaster.At(postgres[0]).ShutDown();
        await AllAreUnavailable(browser, Pages, "stopped");
    }

    private static async Task AllAreUnavailable(HttpClient browser, IEnumerable<string> pages, string how)
    {
        List<string> wrong = [];
        foreach (string page in pages)
        {
            long asked = Stopwatch.GetTimestamp();
            using HttpResponseMessage answer = await browser.GetAsync(page);
            TimeSpan took = Stopwatch.GetElapsedTime(asked);
            string text = await answer.Content.ReadAsStringAsync();
            if (answer.StatusCode != HttpStatusCode.ServiceUnavailable || took > Soon || !text.Contains("Try again", StringComparison.Ordinal))
            {
                wrong.Add($"{page} while Postgres is {how}: {(int)answer.StatusCode} after {took.TotalSeconds:0.0} s");
            }
        }

        Assert.Empty(wrong);
    }

    private static IEnumerable<int> ChildrenOf(int parent) => Directory.EnumerateDirectories("/proc")
        .Select(path => int.TryParse(Path.GetFileName(path), out int pid) ? pid : 0)
        .Where(pid => pid > 0 && Signals.IsAlive(pid) && Signals.ParentOf(pid) == parent);
}
