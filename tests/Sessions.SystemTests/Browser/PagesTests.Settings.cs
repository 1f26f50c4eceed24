using System.Text.Json.Nodes;
using Microsoft.Playwright;
using Sessions.SystemTests.Harness;

namespace Sessions.SystemTests.Browser;

/// <summary>The settings of a project, as people change them.</summary>
public sealed partial class PagesTests
{
    [Fact]
    public async Task Rules_are_added_moved_and_removed_in_rows_and_changes_that_are_not_saved_are_noticed()
    {
        Cluster cluster = await shared.Started;
        using OwnProject project = await OwnProject.Create(cluster);
        Gateway gateway = project.Gateway;
        await using Visit visit = await chromium.Open();
        IPage page = await visit.NewTab();
        await page.SignIn(cluster.Ready.Gateways[0], project.Key);
        await page.GotoAsync($"{gateway.Address}project");
        ILocator note = page.Locator("[data-unsaved-note]"), save = page.GetByRole(AriaRole.Button, new() { Name = "Save settings" });
        Assert.Equal("", await note.InnerTextAsync());

        foreach (string channel in (string[])["First", "Second", "Third"])
        {
            await page.GetByRole(AriaRole.Button, new() { Name = "Channel rule" }).ClickAsync();
            // The focus is in the new row.
            await page.Keyboard.TypeAsync(channel);
            ILocator rule = page.GetByRole(AriaRole.Group, new() { NameRegex = new("^Channel rule") }).Last;
            await rule.GetByLabel("Property").SelectOptionAsync("utm_source");
            await rule.GetByLabel("Values").FillAsync($"{channel}\nother");
        }

        ILocator third = page.GetByRole(AriaRole.Group, new() { Name = "Channel rule 3" });
        await third.GetByRole(AriaRole.Button, new() { Name = "Move up" }).First.ClickAsync();
        await page.GetByRole(AriaRole.Group, new() { Name = "Channel rule 1" }).GetByRole(AriaRole.Button, new() { Name = "Remove" }).First.ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Ignored referrer" }).ClickAsync();
        await page.Keyboard.TypeAsync("pay.example");
        Assert.Equal("Not saved yet.", await note.InnerTextAsync());

        // Leaving asks first.
        List<string> asked = [];
        page.Dialog += (_, dialog) =>
        {
            asked.Add(dialog.Type);
            _ = dialog.DismissAsync();
        };
        await page.GetByRole(AriaRole.Link, new() { Name = "Live" }).ClickAsync();
        await Wait.For(() => Task.FromResult(asked.Count == 1), "The page was left without a question.", Seen);
        await page.ScreenshotAsync(new PageScreenshotOptions { Path = Path.Combine(Repository.Artifacts("screenshots"), "settings-rows.png"), FullPage = true });
        Assert.Empty(await Axe(page));
        await save.ClickAsync();
        await page.WaitForURLAsync(url => url.Contains("done=saved", StringComparison.Ordinal));

        using HttpResponseMessage answer = await gateway.Ask(HttpMethod.Get, "/api/project");
        JsonNode settings = JsonNode.Parse(await answer.Content.ReadAsStringAsync())!;
        Assert.Equal(["Third", "Second"], settings["channel_rules"]!.AsArray().Select(rule => (string)rule!["channel_type"]!));
        Assert.Equal("""["Second","other"]""", settings["channel_rules"]![1]!["items"]![0]!["value"]!.ToJsonString());
        Assert.Equal("""["pay.example"]""", settings["ignored_referrers"]!.ToJsonString());

        // An untouched form saves nothing, and a fault takes the focus and leads to its field.
        await save.ClickAsync();
        await page.GetByText("The settings are saved").WaitForAsync();
        using HttpResponseMessage log = await gateway.Ask(HttpMethod.Get, "/api/audit?action=settings.changed");
        Assert.Equal(
            ["channel_rules", "ignored_referrers"],
            JsonNode.Parse(await log.Content.ReadAsStringAsync())!["results"]![0]!["detail"]!["changed"]!.AsArray().Select(name => (string)name!));
        await page.GetByLabel("Idle timeout").FillAsync("0");
        await save.ClickAsync();
        await page.GetByText("Nothing was saved").WaitForAsync();
        Assert.Equal("faults", await page.EvaluateAsync<string>("document.activeElement.id"));
        await page.GetByRole(AriaRole.Link, new() { Name = "Idle timeout must be from 1 to 600 minutes." }).ClickAsync();
        Assert.Equal("set-idle_timeout_seconds", await page.EvaluateAsync<string>("document.activeElement.id"));
        Assert.Single(asked);
    }
}
