using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using Sessions.SystemTests.Harness;

namespace Sessions.SystemTests.Durability;

/// <summary>Pages tell people soon that Postgres is away, whether it refuses connections or says nothing at all.</summary>
[Collection(Lane.Killed)]
public sealed class PagesWithoutPostgresTests
{
    // Five seconds are promised. The rest is the way of the answer.
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(6.5);
    private const int AtOnce = 4;

    private static readonly string[] Pages =
    [
        "/", "/live", "/sessions", "/explore", "/sql", "/sql?q=select%201", "/project", "/project/privacy", "/project/webhooks", "/projects", "/grains?id=x",
        "/sessions/01890000-0000-7000-8000-000000000000", "/sessions/01890000-0000-7000-8000-000000000000/replay",
    ];

    private static readonly (string Address, string Fields)[] Forms =
    [
        ("/project", "name=Shop"), ("/project/token", "token=another"), ("/project/keys", "name=new&role=read"),
        ("/project/keys/revoke", "id=01890000-0000-7000-8000-000000000000"), ("/project/webhooks", "url=https%3A%2F%2Fhooks.example&events=session.ended"),
        ("/project/webhooks/01890000-0000-7000-8000-000000000000/test", ""), ("/project/privacy", "distinct_id=ann"),
        ("/project/privacy/delete", "distinct_id=ann&sure=yes"), ("/project/privacy/export", "distinct_id=ann"), ("/projects", "id=another"),
        ("/projects/change", "id=default&name=Shop"), ("/projects/open", "id=default"), ("/projects/delete", "id=other&confirm=other"),
        ("/sql/csv", "q=select%201"), ("/sessions/01890000-0000-7000-8000-000000000000/replay/share", "expires_in_seconds=60"), ("/signout", ""),
    ];

    [Fact]
    public async Task Every_page_answers_503_within_seconds_while_Postgres_is_away()
    {
        await using Cluster cluster = await Cluster.Launch(new ClusterPlan { Name = "pages-away" });
        using HttpClient browser = new(new HttpClientHandler { CookieContainer = new CookieContainer() }) { BaseAddress = cluster.Ready.Gateways[0] };
        browser.DefaultRequestHeaders.Accept.Add(new MediaTypeWithQualityHeaderValue("text/html"));
        using HttpResponseMessage signedIn = await browser.SignIn(cluster.Ready.OperatorKey);
        string mark = SignInForm.MarkOf(await browser.GetStringAsync("/project"));
        using HttpClient stranger = new(new HttpClientHandler { CookieContainer = new CookieContainer() }) { BaseAddress = cluster.Ready.Gateways[0] };
        stranger.DefaultRequestHeaders.Accept.Add(new MediaTypeWithQualityHeaderValue("text/html"));
        string strangersMark = SignInForm.MarkOf(await stranger.GetStringAsync("/signin"));
        foreach (string page in Pages)
        {
            using HttpResponseMessage answer = await browser.GetAsync(page);
            Assert.NotEqual(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        }

        int[] postgres = [cluster.Ready.OfRole("postgres").Single().Pid, .. ChildrenOf(cluster.Ready.OfRole("postgres").Single().Pid)];
        try
        {
            Array.ForEach(postgres, Signals.Freeze);
            await AllAreUnavailable(Pages.Select(Get), "frozen");
            await AllAreUnavailable(Forms.Select(Post).Append(SignIn()), "frozen");
        }
        finally
        {
            Array.ForEach(postgres, Signals.GoOn);
        }

        await Wait.For(
            async () => (await browser.GetAsync("/live")).StatusCode == HttpStatusCode.OK, "The pages did not come back.", TimeSpan.FromSeconds(60));
        await Postmaster.At(postgres[0]).ShutDown();
        await AllAreUnavailable(Pages.Select(Get), "stopped");
        await AllAreUnavailable(Forms.Select(Post).Append(SignIn()), "stopped");

        (string, Func<Task<HttpResponseMessage>>) Get(string page) => (page, () => browser.GetAsync(page));

        (string, Func<Task<HttpResponseMessage>>) Post((string Address, string Fields) form) => Sent(browser, form.Address, form.Fields, mark);

        (string, Func<Task<HttpResponseMessage>>) SignIn() => Sent(stranger, "/signin", $"key={cluster.Ready.ApiKey}", strangersMark);

        (string, Func<Task<HttpResponseMessage>>) Sent(HttpClient client, string address, string fields, string formMark) => (
            $"POST {address}",
            () => client.PostAsync(
                address,
                new StringContent(
                    $"{fields}&__RequestVerificationToken={Uri.EscapeDataString(formMark)}", new MediaTypeHeaderValue("application/x-www-form-urlencoded"))));
    }

    private static async Task AllAreUnavailable(IEnumerable<(string Page, Func<Task<HttpResponseMessage>> Ask)> pages, string how)
    {
        ConcurrentQueue<string> wrong = [];
        await Parallel.ForEachAsync(pages, new ParallelOptions { MaxDegreeOfParallelism = AtOnce }, async (one, _) =>
        {
            long asked = Stopwatch.GetTimestamp();
            using HttpResponseMessage answer = await one.Ask();
            TimeSpan took = Stopwatch.GetElapsedTime(asked);
            string text = await answer.Content.ReadAsStringAsync(CancellationToken.None);
            if (answer.StatusCode != HttpStatusCode.ServiceUnavailable || !text.Contains("Try again", StringComparison.Ordinal))
            {
                wrong.Enqueue($"{one.Page} while Postgres is {how}: {(int)answer.StatusCode}");
            }

            if (took >= Soon * Load.Slowness)
            {
                wrong.Enqueue($"{one.Page} while Postgres is {how}: the answer took {took.TotalSeconds:0.0} s");
            }
        });

        Assert.True(wrong.IsEmpty, string.Join(Environment.NewLine, wrong));
    }

    private static IEnumerable<int> ChildrenOf(int parent) => Directory.EnumerateDirectories("/proc")
        .Select(path => int.TryParse(Path.GetFileName(path), out int pid) ? pid : 0)
        .Where(pid => pid > 0 && Signals.IsAlive(pid) && Signals.ParentOf(pid) == parent);
}
