using Microsoft.Playwright;
using Sessions.SystemTests.Harness;

namespace Sessions.SystemTests.Browser;

/// <summary>The pages for people without a mouse.</summary>
public sealed partial class PagesTests
{
    /// <summary>
    /// Numbers what a mouse can use, and returns how much that is. A group of radio buttons is one stop, by the rules of
    /// browsers; so is a list of tabs, by those of ARIA.
    /// </summary>
    private const string NumberWhatCanBeUsed =
        """
        () => {
          const usable = [...document.querySelectorAll(
            'a[href], button, input, select, textarea, summary, [contenteditable=true], [onclick], [role=button], [role=link], [role=slider]')]
            .filter((one) => !one.disabled && one.type !== 'hidden' && one.type !== 'radio')
            .filter((one) => !(one.role === 'tab' && one.ariaSelected !== 'true'))
            .filter((one) => one.checkVisibility({ visibilityProperty: true }) && one.getClientRects().length > 0)
          usable.forEach((one, index) => { one.dataset.reach = index })
          document.activeElement.blur()
          return usable.length
        }
        """;

    /// <summary>Where the focus is; what has it and does not show it is told.</summary>
    private const string WhereTheFocusIs =
        """
        () => {
          const one = document.activeElement
          const style = getComputedStyle(one)
          const isSeen = style.outlineStyle !== 'none' || style.boxShadow !== 'none'
          return one === document.body ? ['', ''] : [one.dataset.reach ?? '', isSeen ? '' : one.outerHTML.slice(0, 120)]
        }
        """;

    private const string WhatWasNotReached =
        """
        (reached) => [...document.querySelectorAll('[data-reach]')]
          .filter((one) => !reached.includes(one.dataset.reach)).map((one) => one.outerHTML.slice(0, 120))
        """;

    [Fact]
    public async Task Every_control_is_reached_with_the_Tab_key_and_shows_its_focus()
    {
        using Gateway gateway = (await shared.Started).Gateway();
        string visitor = Events.NewDistinctId("keys"), session = Events.NewSessionId();
        await gateway.Track(View(visitor, session, "/keys"), View(visitor, session, "/keys/on"));
        await using Visit visit = await chromium.Open();
        IPage page = await SignedIn(visit);

        List<string> wrong = [];
        foreach ((string name, string path) in Pages.Append(("session", $"/sessions/{session}")))
        {
            await page.GotoAsync($"{gateway.Address}{path.TrimStart('/')}");
            int usable = await page.EvaluateAsync<int>(NumberWhatCanBeUsed);
            HashSet<string> reached = [], unseen = [];
            // Regions that scroll, groups of radio buttons and the parts of a date are stops of their own.
            for (int presses = 0; presses < (3 * usable) + 20 && reached.Count < usable; presses++)
            {
                await page.Keyboard.PressAsync("Tab");
                string[] at = await page.EvaluateAsync<string[]>(WhereTheFocusIs);
                reached.Add(at[0]);
                unseen.Add(at[1]);
                reached.Remove("");
            }

            unseen.Remove("");
            wrong.AddRange(unseen.Select(one => $"{name}: it is not seen that this has the focus: {one}"));
            wrong.AddRange((await page.EvaluateAsync<string[]>(WhatWasNotReached, reached.ToArray())).Select(one => $"{name}: not reached: {one}"));
        }

        Assert.Empty(wrong);
    }
}
