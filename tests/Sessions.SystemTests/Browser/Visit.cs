using System.Collections.Concurrent;
using Microsoft.Playwright;

namespace Sessions.SystemTests.Browser;

/// <summary>One person's browser: its tabs, and what it complained of.</summary>
public sealed class Visit : IAsyncDisposable
{
    // On a quiet machine a fraction of a second. A busy one needs half a minute for a picture of a long page.
    private const float LoadBoundMs = 120_000;

    private readonly IBrowserContext _context;
    private readonly ConcurrentQueue<string> _complaints = new();

    public Visit(IBrowserContext context)
    {
        _context = context;
        context.Console += (_, message) =>
        {
            if (message.Type == "error")
            {
                _complaints.Enqueue($"console: {message.Text} ({message.Location})");
            }
        };
        context.WebError += (_, error) =>
        {
            // A page that is left while it still fades in: Chromium reports the end of the animation as an error.
            if (!error.Error.Contains("Transition was aborted", StringComparison.Ordinal))
            {
                _complaints.Enqueue($"script: {error.Error}");
            }
        };
        context.SetDefaultTimeout(LoadBoundMs);
    }

    /// <summary>What the console called an error (also what did not load), and what scripts threw.</summary>
    public IReadOnlyCollection<string> Complaints => _complaints;

    public Task<IPage> NewTab() => _context.NewPageAsync();

    /// <summary>Waits until the page's SDK works, in which it is like a person, who takes a while.</summary>
    public static Task SdkIsThere(IPage page) => page.WaitForFunctionAsync("window.posthog?.__loaded === true");

    /// <summary>The session that the SDK is in.</summary>
    public static Task<string> SessionId(IPage page) => page.EvaluateAsync<string>("window.posthog.get_session_id()");

    /// <summary>
    /// Leaves a page for one without SDK, so that it can say its last. Chromium gives a tab that is closed a second for that,
    /// and ends it in the middle of it when the machine is busy: what it then had not sent nobody gets to see. A page that
    /// is left for another has all the time it needs.
    /// </summary>
    public static Task Leave(IPage page, Site site) => page.GotoAsync(site.LogPage.ToString());

    /// <summary>What the site's own log has of the events that its SDK made, in their order in time.</summary>
    public async Task<IReadOnlyList<BrowserEvent>> LogOf(Site site)
    {
        IPage page = await NewTab();
        await page.GotoAsync(site.LogPage.ToString());
        string[] log = await page.EvaluateAsync<string[]>("Object.keys(localStorage).filter(k => k.startsWith('log ')).map(k => localStorage[k])");
        await page.CloseAsync();
        return [.. log.Select(BrowserEvent.Parse).OrderBy(e => e.At)];
    }

    public ValueTask DisposeAsync() => _context.DisposeAsync();
}
