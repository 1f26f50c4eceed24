using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Sessions.SystemTests.Harness;

namespace Sessions.Tests.Web.Pages;

/// <summary>The operator's page of projects: its forms, and what it says when something in them is wrong.</summary>
public sealed partial class ProjectsPageTests(TestGateway gateway) : IClassFixture<TestGateway>
{
    private const string Long = "A name of more than a hundred characters, which nobody would read to its end, because it goes on and on and on.";

    [Theory]
    [InlineData("", "Shop EU!", "", "new-id", "No project was made.")]
    [InlineData("", "default", "", "new-id", "No project was made.")]
    [InlineData("", "fine", Long, "new-name", "No project was made.")]
    [InlineData("/change", "default", Long, "name-default", "Nothing was changed.")]
    [InlineData("/delete", "ours", "other", "confirm-ours", "Nothing was deleted.")]
    public async Task A_fault_stands_beside_its_field_and_takes_the_focus(string form, string id, string typed, string field, string notDone)
    {
        string ours = await Made();
        using HttpClient browser = await Operator();
        field = field.Replace("ours", ours, StringComparison.Ordinal);

        using HttpResponseMessage answer = await browser.Send(
            "/projects", $"/projects{form}", ("id", id == "ours" ? ours : id), (form == "/delete" ? "confirm" : "name", typed));
        string page = await answer.Content.ReadAsStringAsync();

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Contains(notDone, page, StringComparison.Ordinal);
        Assert.Matches("<div class=\"note wrong\" id=\"faults\" role=\"alert\" tabindex=\"-1\" autofocus", page);
        Assert.Contains($"<a href=\"#{field}\">", page, StringComparison.Ordinal);
        Assert.Matches($"id=\"{field}\"[^>]* aria-invalid=\"true\"[^>]* aria-describedby=\"{field}-fault\"", page);
        Assert.Contains($"<span class=\"fault\" id=\"{field}-fault\">", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_project_is_renamed_archived_taken_back_and_deleted_by_forms_that_lead_to_the_list()
    {
        string project = await Made();
        using HttpClient browser = await Operator();
        using HttpClient admin = gateway.Program(TestGateway.OperatorKey);

        using HttpResponseMessage renamed = await browser.Send("/projects", "/projects/change", ("id", project), ("name", "Käse & Co"));
        string said = await browser.Page(renamed.Leads());
        (string name, bool isArchived) first = await Read();
        using HttpResponseMessage archived = await browser.Send("/projects", "/projects/change", ("id", project), ("archived", "true"));
        (string name, bool isArchived) second = await Read();
        string list = await browser.Page(archived.Leads());
        using HttpResponseMessage restored = await browser.Send("/projects", "/projects/change", ("id", project), ("archived", "false"));
        (string name, bool isArchived) third = await Read();
        using HttpResponseMessage deleted = await browser.Send("/projects", "/projects/delete", ("id", project), ("confirm", project));

        Assert.Equal(
            ["/projects?done=renamed", "/projects?done=archived", "/projects?done=restored", "/projects?done=deleting"],
            new[] { renamed, archived, restored, deleted }.Select(answer => answer.Leads()));
        Assert.Contains("The project has its new name.", said, StringComparison.Ordinal);
        Assert.Contains("value=\"Käse & Co\"", said, StringComparison.Ordinal);
        Assert.Equal([("Käse & Co", false), ("Käse & Co", true), ("Käse & Co", false)], [first, second, third]);
        Assert.Matches($"Take back<span class=\"sr\">\\s*{project}</span>", list);

        async Task<(string, bool)> Read()
        {
            JsonNode read = JsonNode.Parse(await admin.GetStringAsync($"/api/projects/{project}"))!;
            return ((string)read["name"]!, (bool)read["archived"]!);
        }
    }

    [Theory]
    [InlineData("/change", "Nothing was changed.")]
    [InlineData("/delete", "Nothing was deleted.")]
    public async Task The_page_says_why_a_project_was_neither_changed_nor_deleted(string form, string notDone)
    {
        using HttpClient browser = await Operator();

        // Nothing is deleted of the default project, and one that is gone has no name.
        using HttpResponseMessage answer = await browser.Send(
            "/projects", $"/projects{form}", ("id", form == "/delete" ? "default" : "was-there"), ("name", "x"), ("confirm", "default"));

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Contains(notDone, await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_demos_pages_lead_to_ones_own_project()
    {
        using HttpClient browser = await Operator(), admin = gateway.Program(TestGateway.OperatorKey), visitor = gateway.Browser();
        using HttpResponseMessage made = await admin.PostAsJsonAsync("/api/projects", new { id = "demo" });
        await visitor.SignIn((string)(await made.Content.ReadFromJsonAsync<JsonNode>())!["api_key"]!);
        using HttpResponseMessage opened = await browser.Send("/projects", "/projects/open", ("id", "demo"));

        string ofOperator = Banner().Match(await browser.GetStringAsync("/")).Value, ofDemo = Banner().Match(await visitor.GetStringAsync("/")).Value;
        using HttpResponseMessage own = await browser.Send("/", "/projects/open", ("id", Value().Match(ofOperator).Groups[1].Value));

        Assert.Contains("Open your own project", ofOperator, StringComparison.Ordinal);
        Assert.Equal("/", own.Leads());
        Assert.DoesNotContain("aria-label=\"Demo\"", await browser.GetStringAsync("/"), StringComparison.Ordinal);
        Assert.Contains("href=\"/signin\"", ofDemo, StringComparison.Ordinal);
    }

    [GeneratedRegex("<aside class=\"banner\" aria-label=\"Demo\">.*?</aside>", RegexOptions.Singleline)]
    private static partial Regex Banner();

    [GeneratedRegex("name=\"id\" value=\"([^\"]+)\"")]
    private static partial Regex Value();

    // The gateway of the tests has more projects than the page lists; this one is at the list's beginning.
    private async Task<string> Made()
    {
        string id = $"0-{Guid.NewGuid():N}";
        using HttpClient admin = gateway.Program(TestGateway.OperatorKey);
        (await admin.PostAsJsonAsync("/api/projects", new { id })).EnsureSuccessStatusCode();
        return id;
    }

    private async Task<HttpClient> Operator()
    {
        HttpClient browser = gateway.Browser();
        browser.DefaultRequestHeaders.Accept.ParseAdd("text/html");
        await browser.SignIn(TestGateway.OperatorKey);
        return browser;
    }
}
