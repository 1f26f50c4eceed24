using System.Net;

namespace Sessions.Tests.Web.Pages;

/// <summary>What people see when there is no page for them.</summary>
public sealed class TroublePageTests(TestGateway gateway) : IClassFixture<TestGateway>
{
    [Theory]
    [InlineData("/nonsense")]
    [InlineData("/sessions/abc")]
    [InlineData("/sessions/01890000-0000-7000-8000-000000000000")]
    [InlineData("/sessions/01890000-0000-7000-8000-000000000000/replay")]
    [InlineData("/sessions/abc/replay")]
    [InlineData("/project/x")]
    [InlineData("/docs/nonsense")]
    [InlineData("/assets/nonsense.js")]
    [InlineData("/project/webhooks/01890000-0000-7000-8000-000000000000")]
    public async Task An_address_without_a_page_gives_people_a_page_with_a_way_back(string path)
    {
        using HttpClient browser = await gateway.Reader(gateway.Ours);

        using HttpResponseMessage answer = await browser.GetAsync(path);
        string page = await answer.Content.ReadAsStringAsync();

        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        Assert.Contains("<h1>", page, StringComparison.Ordinal);
        Assert.Contains("class=\"btn\"", page, StringComparison.Ordinal);
        Assert.Contains("default-src 'self'", Assert.Single(answer.Headers.GetValues("Content-Security-Policy")), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("POST", "/nonsense", HttpStatusCode.NotFound)]
    [InlineData("DELETE", "/project/x", HttpStatusCode.NotFound)]
    [InlineData("POST", "/live", HttpStatusCode.MethodNotAllowed)]
    [InlineData("PUT", "/project", HttpStatusCode.MethodNotAllowed)]
    [InlineData("DELETE", "/sessions/01890000-0000-7000-8000-000000000000", HttpStatusCode.MethodNotAllowed)]
    [InlineData("GET", "/projects/open", HttpStatusCode.MethodNotAllowed)]
    [InlineData("GET", "/sql/csv", HttpStatusCode.MethodNotAllowed)]
    public async Task A_method_that_a_page_does_not_have_gives_people_a_page_with_a_way_back(string method, string path, HttpStatusCode status)
    {
        using HttpClient browser = await gateway.Reader(gateway.Ours);
        using HttpRequestMessage request = new(new HttpMethod(method), path);

        using HttpResponseMessage answer = await browser.SendAsync(request);
        string page = await answer.Content.ReadAsStringAsync();

        Assert.Equal(status, answer.StatusCode);
        Assert.Contains(status == HttpStatusCode.NotFound ? "There is no such page." : "This address can't be opened.", WebUtility.HtmlDecode(page), StringComparison.Ordinal);
        Assert.Contains("class=\"btn\"", page, StringComparison.Ordinal);
        Assert.Contains("default-src 'self'", Assert.Single(answer.Headers.GetValues("Content-Security-Policy")), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/nonsense")]
    [InlineData("/static/nonsense.js")]
    public async Task A_program_gets_the_bare_status(string path)
    {
        using HttpClient program = gateway.Program(null);

        using HttpResponseMessage answer = await program.GetAsync(path);

        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        Assert.Equal("", await answer.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task An_unknown_call_of_the_API_answers_a_problem_to_a_browser_too()
    {
        using HttpClient browser = await gateway.Reader(gateway.Ours);

        using HttpResponseMessage answer = await browser.GetAsync("/api/nonsense");

        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
    }

    [Theory]
    [InlineData("/project")]
    [InlineData("/project/webhooks")]
    [InlineData("/project/privacy")]
    [InlineData("/signin")]
    public async Task A_form_that_is_too_old_gives_a_page(string address)
    {
        using HttpClient browser = await gateway.Reader(gateway.Ours);

        using HttpResponseMessage answer = await browser.PostAsync(address, new FormUrlEncodedContent([new("__RequestVerificationToken", "old")]));

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Contains("<h1>", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_title_has_the_projects_name_and_there_is_an_icon()
    {
        using HttpClient browser = await gateway.Reader(gateway.NextProject());
        using HttpResponseMessage named = await browser.Send("/project", "/project", ("name", "Ann's <shop>"));

        foreach (string path in (string[])["/", "/live", "/sessions", "/explore", "/sql", "/project", "/project/webhooks", "/project/privacy", "/docs", "/docs/query"])
        {
            Assert.Contains(" · Ann's <shop> · Sessions", WebUtility.HtmlDecode(PageReader.Title().Match(await browser.GetStringAsync(path)).Value), StringComparison.Ordinal);
        }

        using HttpResponseMessage icon = await browser.GetAsync("/favicon.ico");
        Assert.Equal("image/x-icon", icon.Content.Headers.ContentType?.MediaType);
        Assert.InRange((await icon.Content.ReadAsByteArrayAsync()).Length, 100, 20_000);
    }
}
