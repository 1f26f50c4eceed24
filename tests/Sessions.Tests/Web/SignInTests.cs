using System.ComponentModel.DataAnnotations;
using System.Net;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Builder;
using Npgsql;
using Sessions.Queries.SignIns;
using Sessions.SystemTests.Harness;
using Sessions.Web.Access;

namespace Sessions.Tests.Web;

public sealed partial class SignInTests(TestGateway gateway) : IClassFixture<TestGateway>
{
    [Theory]
    [InlineData("/", "/signin?to=%2F")]
    [InlineData("/dashboard", "/signin?to=%2Fdashboard")]
    [InlineData("/dashboard/", "/signin?to=%2Fdashboard%2F")]
    [InlineData("/dashboard/DashboardCounters", "/signin?to=%2Fdashboard%2FDashboardCounters")]
    public async Task A_page_redirects_to_the_sign_in_page_with_the_way_back(string page, string expected)
    {
        using HttpClient browser = gateway.Browser();
        using HttpResponseMessage answer = await browser.GetAsync(page);

        Assert.Equal(HttpStatusCode.Redirect, answer.StatusCode);
        Assert.Equal(expected, answer.Headers.Location!.PathAndQueryOrText());
    }

    [Theory]
    [InlineData(null, "/")]
    [InlineData("/dashboard", "/dashboard")]
    [InlineData("https://evil.example/", "/")]
    [InlineData("//evil.example/", "/")]
    [InlineData("/\\evil.example/", "/")]
    public async Task A_link_with_a_ticket_signs_in_once_and_redirects_only_to_pages_of_the_product(string? to, string expected)
    {
        using HttpClient browser = gateway.Browser();
        string link = await Link(isOperator: true) + (to is null ? "" : $"&to={Uri.EscapeDataString(to)}");
        using HttpResponseMessage answer = await browser.GetAsync(link);

        Assert.Equal(HttpStatusCode.Redirect, answer.StatusCode);
        Assert.Equal(expected, answer.Headers.Location!.OriginalString);
        string cookie = Assert.Single(answer.Headers.GetValues("Set-Cookie"));
        Assert.Contains("httponly", cookie, StringComparison.Ordinal);
        Assert.Contains("samesite=lax", cookie, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, (await browser.GetAsync("/")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await browser.GetAsync("/dashboard/DashboardCounters")).StatusCode);

        using HttpClient second = gateway.Browser();
        using HttpResponseMessage again = await second.GetAsync(link);
        Assert.Equal(HttpStatusCode.Unauthorized, again.StatusCode);
        Assert.Contains("used already", await again.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Redirect, (await second.GetAsync("/")).StatusCode);
    }

    [Fact]
    public async Task A_ticket_that_is_too_old_signs_nobody_in()
    {
        using HttpClient browser = gateway.Browser();

        using HttpResponseMessage answer = await browser.GetAsync(await Link(TimeSpan.Zero));

        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
        Assert.Equal(HttpStatusCode.Redirect, (await browser.GetAsync("/")).StatusCode);
    }

    [Fact]
    public async Task A_key_in_the_address_signs_nobody_in()
    {
        using HttpClient browser = gateway.Browser();

        using HttpResponseMessage answer = await browser.GetAsync($"/signin?key={gateway.Ours.ApiKey}");

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.DoesNotContain(gateway.Ours.ApiKey, await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Redirect, (await browser.GetAsync("/")).StatusCode);
    }

    [Theory]
    [InlineData("/signin")]
    [InlineData("/")]
    [InlineData("/api/live")]
    [InlineData("/dashboard")]
    [InlineData("/static/array.js")]
    public async Task Answers_forbid_browsers_to_guess_types_and_to_send_referrers(string path)
    {
        using HttpClient browser = gateway.Browser();

        using HttpResponseMessage answer = await browser.GetAsync(path);

        Assert.Equal("nosniff", Assert.Single(answer.Headers.GetValues("X-Content-Type-Options")));
        Assert.Equal("no-referrer", Assert.Single(answer.Headers.GetValues("Referrer-Policy")));
    }

    [Fact]
    public async Task A_redirect_to_the_sign_in_page_does_not_take_the_host_from_the_request()
    {
        using HttpClient browser = gateway.Browser();
        using HttpRequestMessage request = new(HttpMethod.Get, "/sessions") { Headers = { Host = "evil.example" } };

        using HttpResponseMessage answer = await browser.SendAsync(request);

        Assert.Equal("/signin?to=%2Fsessions", answer.Headers.Location!.OriginalString);
    }

    [Fact]
    public async Task The_sign_in_form_works_only_with_its_antiforgery_token()
    {
        using HttpClient browser = gateway.Browser();
        string mark = Mark().Match(await browser.GetStringAsync("/signin")).Groups[1].Value;
        Dictionary<string, string> form = new() { ["key"] = gateway.Ours.ApiKey, ["to"] = "/dashboard" };

        using HttpResponseMessage forged = await browser.PostAsync("/signin", new FormUrlEncodedContent(form));
        Assert.Equal(HttpStatusCode.BadRequest, forged.StatusCode);

        form["__RequestVerificationToken"] = mark;
        using HttpResponseMessage answer = await browser.PostAsync("/signin", new FormUrlEncodedContent(form));
        Assert.Equal("/dashboard", answer.Headers.Location!.OriginalString);
    }

    [Fact]
    public async Task A_wrong_key_gets_an_error_and_no_cookie()
    {
        using HttpClient browser = gateway.Browser();
        using HttpResponseMessage answer = await browser.SignIn("wrong");

        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
        Assert.Contains("This key is unknown", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Redirect, (await browser.GetAsync("/")).StatusCode);
    }

    [Fact]
    public async Task Signing_out_ends_the_access_of_a_copied_cookie_at_every_gateway_and_no_other_sign_in()
    {
        TestGateway.Project project = gateway.NextProject();
        CookieContainer cookies = new(), copied = new();
        using HttpClient browser = gateway.Browser(cookies);
        using HttpClient other = gateway.Browser();
        await browser.SignIn(project.ApiKey);
        await other.SignIn(project.ApiKey);
        copied.Add(cookies.GetAllCookies());
        await using WebApplication another = await gateway.StartAnother();
        using HttpClient there = Browser(another, copied);
        Assert.Equal(HttpStatusCode.OK, (await there.GetAsync("/")).StatusCode);

        await SignOut(browser);

        Assert.Equal(HttpStatusCode.Redirect, (await browser.GetAsync("/")).StatusCode);
        using HttpClient thief = gateway.Browser(copied);
        Assert.Equal(HttpStatusCode.Redirect, (await thief.GetAsync("/")).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await thief.GetAsync("/api/sessions")).StatusCode);
        Assert.Equal(HttpStatusCode.Redirect, (await there.GetAsync("/")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await other.GetAsync("/")).StatusCode);
    }

    [Fact]
    public async Task Signing_out_everywhere_ends_all_sign_ins_with_the_same_key_and_no_others()
    {
        TestGateway.Project project = gateway.NextProject();
        using HttpClient here = gateway.Browser(), there = gateway.Browser(), theirs = gateway.Browser();
        await here.SignIn(project.ApiKey);
        await there.SignIn(project.ApiKey);
        await theirs.SignIn(gateway.Theirs.ApiKey);

        await SignOut(here, ("everywhere", "true"));

        Assert.Equal(HttpStatusCode.Redirect, (await there.GetAsync("/")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await theirs.GetAsync("/")).StatusCode);
    }

    [Fact]
    public async Task A_sign_in_ends_after_its_longest_time_however_often_the_browser_visits()
    {
        TestGateway.Project project = gateway.NextProject();
        using HttpClient browser = gateway.Browser();
        await browser.SignIn(project.ApiKey);
        await using NpgsqlCommand longest = gateway.Database.CreateCommand(
            "update tracking.sign_ins set expires_at = now() where project = $1 returning extract(day from expires_at - begun_at)");
        longest.Parameters.AddWithValue(project.Id);
        await using (NpgsqlCommand days = gateway.Database.CreateCommand(
            "select extract(day from expires_at - begun_at)::integer from tracking.sign_ins where project = $1"))
        {
            days.Parameters.AddWithValue(project.Id);
            Assert.Equal(90, await days.ExecuteScalarAsync());
        }

        Assert.Equal(HttpStatusCode.OK, (await browser.GetAsync("/")).StatusCode);
        await longest.ExecuteNonQueryAsync();

        Assert.Equal(HttpStatusCode.Redirect, (await browser.GetAsync("/")).StatusCode);
    }

    [Fact]
    public async Task A_cookie_of_one_gateway_is_valid_at_another_one_started_later()
    {
        CookieContainer cookies = new();
        using HttpClient here = gateway.Browser(cookies);
        await here.SignIn(gateway.Ours.ApiKey);

        await using WebApplication other = await gateway.StartAnother();
        using HttpClient there = Browser(other, cookies);

        Assert.Equal(HttpStatusCode.OK, (await there.GetAsync("/")).StatusCode);
    }

    [Fact]
    public async Task The_first_page_shows_a_snippet_with_the_projects_token()
    {
        using HttpClient browser = gateway.Browser();
        await browser.SignIn(gateway.Ours.ApiKey);

        string page = WebUtility.HtmlDecode(await browser.GetStringAsync("/"));

        Assert.Contains($"src=\"{gateway.Address}/static/array.js\"", page, StringComparison.Ordinal);
        Assert.Contains($"posthog.init('{gateway.Ours.Token}'", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Behind_a_TLS_proxy_cookies_are_secure_and_snippets_have_the_public_address()
    {
        await using WebApplication gatewayBehind = await gateway.StartAnother(settings: new Dictionary<string, string?>
        {
            ["Sessions:Access:PublicAddress"] = "https://sessions.example.org",
        });
        // As the proxy does: plain, with the cookies that the browser keeps for TLS.
        using HttpClient proxy = new(new HttpClientHandler { AllowAutoRedirect = false, UseCookies = false })
        {
            BaseAddress = new Uri(gatewayBehind.Urls.First()),
        };

        using HttpResponseMessage answer = await proxy.GetAsync(await Link());
        string cookie = Assert.Single(answer.Headers.GetValues("Set-Cookie"));
        proxy.DefaultRequestHeaders.Add("Cookie", cookie.Split(';')[0]);
        string page = WebUtility.HtmlDecode(await proxy.GetStringAsync("/"));

        Assert.StartsWith("__Host-sessions=", cookie, StringComparison.Ordinal);
        Assert.Contains("; secure", cookie, StringComparison.Ordinal);
        Assert.Contains("max-age=", Assert.Single(answer.Headers.GetValues("Strict-Transport-Security")), StringComparison.Ordinal);
        Assert.Contains("src=\"https://sessions.example.org/static/array.js\"", page, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("sessions.example.org")]
    [InlineData("ftp://sessions.example.org")]
    [InlineData("https://sessions.example.org/here")]
    public void A_public_address_that_is_not_http_or_has_a_path_is_refused(string address)
    {
        AccessOptions options = new() { PublicAddress = new Uri(address, UriKind.RelativeOrAbsolute) };

        Assert.False(Validator.TryValidateObject(options, new ValidationContext(options), null, validateAllProperties: true));
    }

    private async Task<string> Link(TimeSpan? lifetime = null, bool isOperator = false)
    {
        string ticket = await new SignInTickets(gateway.Database).Make(
            isOperator ? null : gateway.Ours.Id, lifetime ?? TimeSpan.FromMinutes(1), CancellationToken.None);
        return $"/signin?ticket={ticket}";
    }

    private static HttpClient Browser(WebApplication at, CookieContainer cookies) =>
        new(new HttpClientHandler { AllowAutoRedirect = false, CookieContainer = cookies }) { BaseAddress = new Uri(at.Urls.First()) };

    private static async Task SignOut(HttpClient browser, params (string Field, string Value)[] fields)
    {
        Dictionary<string, string> form = fields.ToDictionary(field => field.Field, field => field.Value);
        form["__RequestVerificationToken"] = Mark().Match(await browser.GetStringAsync("/")).Groups[1].Value;
        (await browser.PostAsync("/signout", new FormUrlEncodedContent(form))).Dispose();
    }

    [GeneratedRegex("name=\"__RequestVerificationToken\" value=\"([^\"]+)\"")]
    private static partial Regex Mark();
}

internal static class Locations
{
    /// <summary>Where a redirect leads, without the host.</summary>
    public static string PathAndQueryOrText(this Uri location) =>
        location.IsAbsoluteUri ? location.PathAndQuery : location.OriginalString;
}
