using System.Net;
using System.Text.RegularExpressions;
using Sessions.SystemTests.Harness;

namespace Sessions.Tests.Web.Webhooks;

/// <summary>The webhook pages, as a browser without scripts uses them.</summary>
public sealed partial class WebhookPageTests(WebhookGateway gateway) : IClassFixture<WebhookGateway>
{
    private const string Path = "/project/webhooks";

    [Fact]
    public async Task A_webhook_can_be_created_tested_changed_given_a_new_secret_and_deleted_by_forms()
    {
        await using Receiver receiver = await Receiver.Start();
        WebhookGateway.Client project = await gateway.NewProject();
        using HttpClient browser = gateway.Browser();
        await browser.SignIn(project.Key);
        Assert.Contains(Path, await browser.GetStringAsync("/project"), StringComparison.Ordinal);
        string page = await browser.GetStringAsync(Path);

        string made = await Followed(browser, await browser.PostAsync(Path, Form(page, ("url", receiver.Address), ("events", "session.started"), ("events", "session.ended"), ("active", "on"))));
        string secret = Secret().Match(made).Value, id = Id().Match(made).Groups[1].Value, one = $"{Path}/{id}";
        Assert.DoesNotContain("whsec_", await browser.GetStringAsync(Path), StringComparison.Ordinal);

        await browser.PostAsync($"{one}/test", Form(page));
        Received test = await receiver.Next();
        Assert.True(test.IsSignedWith(WebUtility.HtmlDecode(secret)));
        await WebhookGateway.Until(async () => (await browser.GetStringAsync($"{one}?state=delivered")).Contains("webhook.test", StringComparison.Ordinal));

        using HttpResponseMessage wrong = await browser.PostAsync(one, Form(page, ("url", "nonsense"), ("active", "on")));
        string said = WebUtility.HtmlDecode(await wrong.Content.ReadAsStringAsync());
        Assert.Equal(HttpStatusCode.BadRequest, wrong.StatusCode);
        Assert.Contains("Address must be an address that begins with", said, StringComparison.Ordinal);
        Assert.Contains("Choose at least one.", said, StringComparison.Ordinal);
        using HttpResponseMessage saved = await browser.PostAsync(one, Form(page, ("url", receiver.Address), ("events", "session.ended")));
        Assert.Equal(HttpStatusCode.Redirect, saved.StatusCode);
        Assert.Contains("not active", await browser.GetStringAsync(one), StringComparison.Ordinal);

        string rotated = await Followed(browser, await browser.PostAsync($"{one}/secret", Form(page)));
        Assert.DoesNotContain("whsec_", await browser.GetStringAsync(one), StringComparison.Ordinal);
        Assert.NotEqual(secret, Secret().Match(rotated).Value);
        await browser.PostAsync($"{one}/delete", Form(page));
        Assert.Equal(HttpStatusCode.NotFound, (await browser.GetAsync(one)).StatusCode);
    }

    [Fact]
    public async Task Dead_deliveries_are_shown_and_can_be_sent_again_with_a_button()
    {
        await using Receiver receiver = await Receiver.Start();
        receiver.Answer = (_, before) => Task.FromResult(before < 4 ? HttpStatusCode.NotFound : HttpStatusCode.OK);
        WebhookGateway.Client project = await gateway.NewProject();
        (string id, _) = await project.Webhook(receiver.Address);
        await project.Post($"/api/project/webhooks/{id}/test");
        using HttpClient browser = gateway.Browser();
        await browser.SignIn(project.Key);

        string page = "";
        await WebhookGateway.Until(async () => (page = await browser.GetStringAsync($"{Path}/{id}?state=dead")).Contains("it answered 404", StringComparison.Ordinal));
        await browser.PostAsync($"{Path}/{id}/redeliver", Form(page, ("delivery", Delivery().Match(page).Groups[1].Value)));

        Assert.Equal("webhook.test", (await receiver.Next()).Type);
    }

    [Fact]
    public async Task The_page_says_when_the_next_attempt_is_before_the_first_one_too_and_until_when_the_endpoint_rests()
    {
        WebhookGateway.Client project = await gateway.NewProject();
        (string id, _) = await project.Webhook("https://hooks.example/");
        await project.Rest(id, waiting: 1);
        using HttpClient browser = gateway.Browser();
        await browser.SignIn(project.Key);

        string page = await browser.GetStringAsync($"{Path}/{id}");

        Match rest = Rest().Match(page), next = NextAttempt().Match(page);
        Assert.True(rest.Success && next.Success, page);
        Assert.Equal(rest.Groups[1].Value, next.Groups[1].Value);
    }

    [Fact]
    public async Task A_form_on_another_site_cannot_change_webhooks_and_a_read_key_does_not_see_them()
    {
        WebhookGateway.Client project = await gateway.NewProject();
        (string id, _) = await project.Webhook("https://hooks.example/");
        using HttpClient browser = gateway.Browser();
        await browser.SignIn(project.Key);

        foreach (string path in new[] { Path, $"{Path}/{id}", $"{Path}/{id}/test", $"{Path}/{id}/secret", $"{Path}/{id}/redeliver", $"{Path}/{id}/delete" })
        {
            using FormUrlEncodedContent forged = new([KeyValuePair.Create("url", "https://evil.example/"), KeyValuePair.Create("events", "session.ended")]);
            Assert.Equal(HttpStatusCode.BadRequest, (await browser.PostAsync(path, forged)).StatusCode);
        }

        Assert.Equal("https://hooks.example/", (string)(await project.Get($"/api/project/webhooks/{id}"))["url"]!);
        string key = (string)(await project.Post("/api/project/keys", new System.Text.Json.Nodes.JsonObject { ["name"] = "r", ["role"] = "read" }))["key"]!;
        using HttpClient reader = gateway.Browser();
        await reader.SignIn(key);
        Assert.Equal(HttpStatusCode.Redirect, (await reader.GetAsync(Path)).StatusCode);
        Assert.DoesNotContain(Path, await reader.GetStringAsync("/project"), StringComparison.Ordinal);
    }

    // A reload of where a form leads sends nothing again.
    private static async Task<string> Followed(HttpClient browser, HttpResponseMessage answer)
    {
        using (answer)
        {
            Assert.True(answer.StatusCode == HttpStatusCode.Redirect, await answer.Content.ReadAsStringAsync());
            return await browser.GetStringAsync(answer.Headers.Location!.OriginalString.Split('#')[0]);
        }
    }

    private static FormUrlEncodedContent Form(string page, params (string Name, string Value)[] fields) => new(
        fields.Append(("__RequestVerificationToken", Mark().Match(page).Groups[1].Value))
            .Select(field => KeyValuePair.Create(field.Item1, field.Item2)));

    [GeneratedRegex("name=\"__RequestVerificationToken\" value=\"([^\"]+)\"")]
    private static partial Regex Mark();

    [GeneratedRegex("The last 11 attempts failed, so the endpoint rests. The next attempt is at <time datetime=\"([^\"]+)\"")]
    private static partial Regex Rest();

    [GeneratedRegex("next attempt at <time datetime=\"([^\"]+)\"")]
    private static partial Regex NextAttempt();

    [GeneratedRegex("whsec_[^<]+")]
    private static partial Regex Secret();

    [GeneratedRegex("/project/webhooks/([0-9a-f-]{36})")]
    private static partial Regex Id();

    [GeneratedRegex("name=\"delivery\" value=\"([0-9a-f-]{36})\"")]
    private static partial Regex Delivery();
}
