using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using Sessions.SystemTests.Harness;

namespace Sessions.Tests.Web;

/// <summary>The privacy page, as a browser without scripts uses it.</summary>
public sealed partial class PrivacyPageTests(TestGateway gateway) : IClassFixture<TestGateway>
{
    private const string Page = "/project/privacy";

    [Fact]
    public async Task A_person_can_be_looked_up_exported_and_deleted_on_the_privacy_page()
    {
        TestGateway.Project project = gateway.NextProject();
        string ann = $"ann-{Guid.NewGuid():N}";
        await Send(project, ann);
        using HttpClient browser = await SignedIn(project);

        string found = await Post(browser, Page, HttpStatusCode.OK, ("distinct_id", ann));
        string export = await Post(browser, $"{Page}/export", HttpStatusCode.OK, ("distinct_id", ann));
        string unsure = await Post(browser, $"{Page}/delete", HttpStatusCode.BadRequest, ("distinct_id", ann));
        string address = await Post(browser, $"{Page}/delete", HttpStatusCode.Redirect, ("distinct_id", ann), ("sure", "yes"));
        string after = await browser.GetStringAsync(address);

        Assert.Contains(ann, found, StringComparison.Ordinal);
        Assert.Contains("\"looked\"", export, StringComparison.Ordinal);
        Assert.Contains("Tick the box first to confirm the deletion", unsure, StringComparison.Ordinal);
        Assert.StartsWith($"{Page}?deleted=", address, StringComparison.Ordinal);
        Assert.Matches("The person is (being )?deleted", after);
        Assert.Contains("person.deletion_asked", after, StringComparison.Ordinal);
        Assert.DoesNotContain(ann, after, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_form_on_another_site_cannot_delete_a_person()
    {
        TestGateway.Project project = gateway.NextProject();
        using HttpClient browser = await SignedIn(project);

        using HttpResponseMessage answer = await browser.PostAsync(
            $"{Page}/delete", new FormUrlEncodedContent([new("distinct_id", "ann"), new("sure", "yes")]));

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
    }

    [Fact]
    public async Task An_invalid_id_gives_an_error_on_the_privacy_page()
    {
        TestGateway.Project project = gateway.NextProject();
        using HttpClient browser = await SignedIn(project);

        Assert.Contains("must be a distinct id", await Post(browser, Page, HttpStatusCode.BadRequest, ("distinct_id", "")), StringComparison.Ordinal);
    }

    private async Task<HttpClient> SignedIn(TestGateway.Project project)
    {
        HttpClient browser = gateway.Browser();
        using HttpResponseMessage signedIn = await browser.SignIn(project.ApiKey);
        Assert.Equal(HttpStatusCode.Redirect, signedIn.StatusCode);
        return browser;
    }

    private static async Task<string> Post(HttpClient browser, string address, HttpStatusCode expected, params (string Name, string Value)[] fields)
    {
        string mark = Mark().Match(await browser.GetStringAsync(Page)).Groups[1].Value;
        using HttpResponseMessage answer = await browser.PostAsync(
            address,
            new FormUrlEncodedContent(fields.Append(("__RequestVerificationToken", mark)).Select(field => KeyValuePair.Create(field.Item1, field.Item2))));
        Assert.Equal(expected, answer.StatusCode);
        return answer.Headers.Location?.OriginalString ?? await answer.Content.ReadAsStringAsync();
    }

    private async Task Send(TestGateway.Project project, string distinctId)
    {
        using HttpClient sdk = gateway.Program(null);
        string body = $$"""{"api_key":"{{project.Token}}","event":"looked","distinct_id":"{{distinctId}}"}""";
        using HttpResponseMessage answer = await sdk.PostAsync("/capture/", new StringContent(body, Encoding.UTF8, "application/json"));
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    [GeneratedRegex("name=\"__RequestVerificationToken\" value=\"([^\"]+)\"")]
    private static partial Regex Mark();
}
