using System.ComponentModel.DataAnnotations;
using System.Net;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Builder;
using Sessions.Gateway.Access;

namespace Sessions.Tests.Gateway;

public sealed partial class SignInTests(TestGateway gateway) : IClassFixture<TestGateway>
{
    [Theory]
    [InlineData("/", "/signin?to=%2F")]
    [InlineData("/dashboard", "/signin?to=%2Fdashboard")]
    [InlineData("/dashboard/", "/signin?to=%2Fdashboard%2F")]
    [InlineData("/dashboard/DashboardCounters", "/signin?to=%2Fdashboard%2FDashboardCounters")]
    public async Task A_page_leads_to_the_sign_in_page_and_back(string page, string expected)
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
    public async Task The_printed_link_signs_in_and_leads_only_to_our_own_pages(string? to, string expected)
    {
        using HttpClient browser = gateway.Browser();
        string link = $"/signin?key={gateway.Ours.ApiKey}" + (to is null ? "" : $"&to={Uri.EscapeDataString(to)}");
        using HttpResponseMessage answer = await browser.GetAsync(link);

        Assert.Equal(HttpStatusCode.Redirect, answer.StatusCode);
        Assert.Equal(expected, answer.Headers.Location!.OriginalString);
        string cookie = Assert.Single(answer.Headers.GetValues("Set-Cookie"));
        Assert.Contains("httponly", cookie, StringComparison.Ordinal);
        Assert.Contains("samesite=lax", cookie, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, (await browser.GetAsync("/")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await browser.GetAsync("/dashboard/DashboardCounters")).StatusCode);
    }

    [Fact]
    public async Task The_form_signs_in_with_its_own_mark_and_not_without()
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
    public async Task A_wrong_key_is_told_so_and_gets_no_cookie()
    {
        using HttpClient browser = gateway.Browser();
        using HttpResponseMessage answer = await browser.GetAsync("/signin?key=wrong");

        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
        Assert.Contains("This key is not known", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Redirect, (await browser.GetAsync("/")).StatusCode);
    }

    [Fact]
    public async Task Signing_out_ends_it()
    {
        using HttpClient browser = gateway.Browser();
        await browser.GetAsync($"/signin?key={gateway.Ours.ApiKey}");
        string mark = Mark().Match(await browser.GetStringAsync("/")).Groups[1].Value;

        await browser.PostAsync(
            "/signout", new FormUrlEncodedContent(new Dictionary<string, string> { ["__RequestVerificationToken"] = mark }));

        Assert.Equal(HttpStatusCode.Redirect, (await browser.GetAsync("/")).StatusCode);
    }

    [Fact]
    public async Task The_cookie_of_one_gateway_holds_at_another_one_started_later()
    {
        CookieContainer cookies = new();
        using HttpClient here = gateway.Browser(cookies);
        await here.GetAsync($"/signin?key={gateway.Ours.ApiKey}");

        await using WebApplication other = await gateway.StartAnother();
        using HttpClient there = new(new HttpClientHandler { AllowAutoRedirect = false, CookieContainer = cookies })
        {
            BaseAddress = new Uri(other.Urls.First()),
        };

        Assert.Equal(HttpStatusCode.OK, (await there.GetAsync("/")).StatusCode);
    }

    [Fact]
    public async Task The_first_page_shows_a_snippet_with_the_projects_token()
    {
        using HttpClient browser = gateway.Browser();
        await browser.GetAsync($"/signin?key={gateway.Ours.ApiKey}");

        string page = WebUtility.HtmlDecode(await browser.GetStringAsync("/"));

        Assert.Contains($"src=\"{gateway.Address}/static/array.js\"", page, StringComparison.Ordinal);
        Assert.Contains($"posthog.init('{gateway.Ours.Token}'", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Behind_a_proxy_that_does_tls_cookies_are_for_tls_alone_and_snippets_have_the_public_address()
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

        using HttpResponseMessage answer = await proxy.GetAsync($"/signin?key={gateway.Ours.ApiKey}");
        string cookie = Assert.Single(answer.Headers.GetValues("Set-Cookie"));
        proxy.DefaultRequestHeaders.Add("Cookie", cookie.Split(';')[0]);
        string page = WebUtility.HtmlDecode(await proxy.GetStringAsync("/"));

        Assert.Contains("; secure", cookie, StringComparison.Ordinal);
        Assert.Contains("src=\"https://sessions.example.org/static/array.js\"", page, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("sessions.example.org")]
    [InlineData("ftp://sessions.example.org")]
    [InlineData("https://sessions.example.org/here")]
    public void A_public_address_is_one_of_the_web_without_a_path(string address)
    {
        AccessOptions options = new() { PublicAddress = new Uri(address, UriKind.RelativeOrAbsolute) };

        Assert.False(Validator.TryValidateObject(options, new ValidationContext(options), null, validateAllProperties: true));
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
