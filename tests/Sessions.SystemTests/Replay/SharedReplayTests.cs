using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Microsoft.Playwright;
using Sessions.SystemTests.Browser;
using Sessions.SystemTests.Harness;

namespace Sessions.SystemTests.Replay;

/// <summary>A shared recording in the browser of somebody who has no account.</summary>
[Collection(Lane.Shared)]
public sealed class SharedReplayTests(SharedCluster shared, Chromium chromium)
{
    [Fact]
    public async Task A_shared_recording_plays_without_sign_in_and_shows_none_of_the_sessions_events()
    {
        using OwnProject project = await OwnProject.Create(await shared.Started);
        string session = Events.NewSessionId();
        long at = DateTimeOffset.UtcNow.AddMinutes(-1).ToUnixTimeMilliseconds();
        await ReplayListTests.Record(project, session, at);
        await project.Gateway.Track(Events.Event("secret event", "ann@example.org", session, null));
        (string id, string url) = await Share(project, session);

        await using Visit visitor = await chromium.Open();
        IPage page = await visitor.NewTab();
        List<string> asked = [];
        page.Request += (_, request) => asked.Add(request.Url);
        await page.GotoAsync(url);
        await page.WaitForSelectorAsync("[data-replay][data-state=ready]");
        IFrame player = await Replays.PlayerIn(page);
        await Replays.Holds(player, $"{Replays.Recorded}?.querySelector('#seen')?.textContent === 'here it is'");
        await page.Locator("[data-list] li.click button").First.ClickAsync();
        Assert.Equal("0:01", await page.Locator("[data-now]").InnerTextAsync());
        await page.ScreenshotAsync(new() { Path = Path.Combine(Repository.Artifacts("screens"), "replay-shared.png"), FullPage = true });

        string html = await page.ContentAsync();
        Assert.Contains("Click “here it is”", html, StringComparison.Ordinal);
        Assert.DoesNotContain("secret event", html, StringComparison.Ordinal);
        Assert.DoesNotContain("ann@example.org", html, StringComparison.Ordinal);
        Assert.DoesNotContain(asked, one => one.Contains("/events", StringComparison.Ordinal) || one.Contains("/api/", StringComparison.Ordinal));
        Assert.Empty(visitor.Complaints);

        using HttpResponseMessage revoked = await project.Gateway.Ask(HttpMethod.Delete, $"/api/sessions/{session}/replay/share/{id}");
        Assert.Equal(HttpStatusCode.NoContent, revoked.StatusCode);
        await page.ReloadAsync();
        Assert.Equal("This link does not work.", await page.Locator("h1").InnerTextAsync());
    }

    private static async Task<(string Id, string Url)> Share(OwnProject project, string session)
    {
        using HttpResponseMessage answer = await project.Gateway.Ask(
            HttpMethod.Post, $"/api/sessions/{session}/replay/share", JsonContent.Create(new { expires_in_seconds = 600 }));
        Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
        JsonNode made = (await answer.Content.ReadFromJsonAsync<JsonNode>())!;
        return ((string)made["id"]!, (string)made["url"]!);
    }
}
