using System.Net;
using System.Text.RegularExpressions;
using Sessions.Tests.Architecture;
using Sessions.Web.Projects;

namespace Sessions.Tests.Web.Pages;

/// <summary>The documentation is part of the pages, and has the same snippet as they have.</summary>
public sealed partial class DocPageTests(TestGateway gateway) : IClassFixture<TestGateway>
{
    [Fact]
    public async Task Every_page_of_the_documentation_is_shown_and_its_links_lead_to_pages()
    {
        using HttpClient browser = await gateway.Reader(gateway.Ours);
        string[] names = [.. Directory.EnumerateFiles(Path.Combine(ArrowTests.Root, "docs"), "*.md").Select(file => Path.GetFileNameWithoutExtension(file))];
        HashSet<string> links = [];
        foreach (string name in names)
        {
            using HttpResponseMessage answer = await browser.GetAsync(name == "README" ? "/docs" : $"/docs/{name}");
            string page = await answer.Content.ReadAsStringAsync();
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            Assert.Single(Regex.Matches(page, "<h1"));
            links.UnionWith(Link().Matches(page).Select(match => match.Groups[1].Value));
        }

        Assert.True(names.Length > 15 && links.Count > 15, $"{names.Length} pages, {links.Count} links");
        foreach (string link in links.Where(link => !link.Contains("://", StringComparison.Ordinal)))
        {
            using HttpResponseMessage answer = await browser.GetAsync(link);
            Assert.True(answer.StatusCode == HttpStatusCode.OK, $"{link}: {answer.StatusCode}");
        }
    }

    [Theory]
    [InlineData("/")]
    [InlineData("/live")]
    [InlineData("/project")]
    [InlineData("/sql")]
    public async Task Every_page_links_to_the_documentation(string path)
    {
        using HttpClient browser = await gateway.Reader(gateway.Ours);

        Assert.Contains("href=\"/docs\"", await browser.GetStringAsync(path), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/signin", HttpStatusCode.OK)]
    [InlineData("/signin?ticket=old", HttpStatusCode.Unauthorized)]
    [InlineData("/nonsense", HttpStatusCode.NotFound)]
    [InlineData("/admins-only", HttpStatusCode.Forbidden)]
    [InlineData("/s/nothing", HttpStatusCode.NotFound)]
    [InlineData("/docs/nonsense", HttpStatusCode.NotFound)]
    public async Task Pages_for_people_who_are_not_signed_in_link_to_the_documentation_too(string path, HttpStatusCode status)
    {
        using HttpClient browser = gateway.Browser();
        browser.DefaultRequestHeaders.Accept.ParseAdd("text/html");

        using HttpResponseMessage answer = await browser.GetAsync(path);

        Assert.Equal(status, answer.StatusCode);
        Assert.Contains("href=\"/docs\"", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/docs")]
    [InlineData("/docs/replay")]
    public async Task The_documentation_needs_no_sign_in_and_has_nothing_of_a_project_then(string path)
    {
        using HttpClient stranger = gateway.Browser(), browser = await gateway.Reader(gateway.Ours);

        string open = await stranger.GetStringAsync(path), mine = await browser.GetStringAsync(path);

        Assert.Contains("<article class=\"card doc\">", open, StringComparison.Ordinal);
        Assert.Contains("href=\"/signin\"", open, StringComparison.Ordinal);
        Assert.DoesNotContain("nav class=\"main\"", open, StringComparison.Ordinal);
        Assert.Contains("nav class=\"main\"", mine, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("README.md")]
    [InlineData("docs/getting-started.md")]
    public async Task The_documentation_has_the_pages_snippet(string file)
    {
        string text = await File.ReadAllTextAsync(Path.Combine(ArrowTests.Root, file));

        Assert.Contains(WebSnippet.Of("http://127.0.0.1:8000", "PROJECT_TOKEN"), text, StringComparison.Ordinal);
    }

    [GeneratedRegex("<a href=\"([^\"#]+)[\"#]")]
    private static partial Regex Link();
}
