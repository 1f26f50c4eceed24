using System.Net;
using System.Net.Http.Json;
using System.Text.RegularExpressions;
using Sessions.SystemTests.Harness;

namespace Sessions.Tests.Web;

/// <summary>The setting <c>default_range</c>: the range with which pages open.</summary>
public sealed partial class DefaultRangeTests(TestGateway gateway) : IClassFixture<TestGateway>
{
    [Theory]
    [InlineData("/")]
    [InlineData("/explore")]
    [InlineData("/sessions")]
    public async Task A_page_opens_with_the_projects_range_unless_its_address_has_a_range(string path)
    {
        TestGateway.Project project = gateway.NextProject();
        using HttpClient browser = gateway.Browser();
        await browser.SignIn(project.ApiKey);

        string before = Range(await browser.GetStringAsync(path));
        using HttpClient program = gateway.Program(project.ApiKey);
        using HttpResponseMessage put = await program.PutAsJsonAsync("/api/project", new { default_range = "90d" });
        string after = Range(await browser.GetStringAsync(path));
        string chosen = Range(await browser.GetStringAsync($"{path}?date_from=-24h"));

        Assert.Equal(HttpStatusCode.OK, put.StatusCode);
        Assert.Equal(("7 days", "90 days", "24 hours"), (before, after, chosen));
    }

    [Fact]
    public async Task The_project_page_saves_the_range_and_refuses_one_that_is_not_offered()
    {
        TestGateway.Project project = gateway.NextProject();
        using HttpClient browser = gateway.Browser();
        await browser.SignIn(project.ApiKey);
        string page = await browser.GetStringAsync("/project");

        using HttpResponseMessage wrong = await browser.PostAsync("/project", Form(page, "14d"));
        string said = WebUtility.HtmlDecode(await wrong.Content.ReadAsStringAsync());
        using HttpResponseMessage saved = await browser.PostAsync("/project", Form(page, "30d"));
        string later = await browser.GetStringAsync("/project");

        Assert.Contains("Pages open with the last must be one of 24h, 7d, 30d, 90d.", said, StringComparison.Ordinal);
        Assert.Equal((HttpStatusCode.BadRequest, HttpStatusCode.Redirect), (wrong.StatusCode, saved.StatusCode));
        Assert.Equal(("7d", "30d"), (Selected().Match(page).Groups[1].Value, Selected().Match(later).Groups[1].Value));
    }

    private static string Range(string page) => Current().Match(page).Groups[1].Value;

    private static FormUrlEncodedContent Form(string page, string range) => new(
    [
        KeyValuePair.Create("default_range", range),
        KeyValuePair.Create("__RequestVerificationToken", Mark().Match(page).Groups[1].Value),
    ]);

    [GeneratedRegex("""aria-label="Date range">.*?aria-current="true"[^>]*>([^<]+)</a>""", RegexOptions.Singleline)]
    private static partial Regex Current();

    [GeneratedRegex("""name="default_range".*?<option value="([^"]+)" selected""", RegexOptions.Singleline)]
    private static partial Regex Selected();

    [GeneratedRegex("name=\"__RequestVerificationToken\" value=\"([^\"]+)\"")]
    private static partial Regex Mark();
}
