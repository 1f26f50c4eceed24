using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace Sessions.Tests.Web.Pages;

/// <summary>The menu with which the operator switches between projects. A gateway with few projects has all of them in it.</summary>
public sealed class ProjectMenuTests(LoneTestGateway gateway) : IClassFixture<LoneTestGateway>
{
    [Fact]
    public async Task The_operator_switches_projects_in_a_menu_and_nobody_else_has_it()
    {
        TestGateway.Project project = gateway.NextProject();
        using HttpClient admin = gateway.Program(project.ApiKey);
        (await admin.PutAsJsonAsync("/api/project", new { name = "Shop <b>" })).EnsureSuccessStatusCode();
        using HttpClient browser = await gateway.Reader(project with { ApiKey = TestGateway.OperatorKey }), reader = await gateway.Reader(project);

        string page = await browser.Page("/"), theirs = await reader.Page("/");
        string choices = await browser.GetStringAsync("/projects/choices");
        using HttpResponseMessage opened = await browser.Send("/", "/projects/open", ("id", project.Id));
        string after = await browser.Page("/");

        Assert.Contains("data-switcher", page, StringComparison.Ordinal);
        Assert.DoesNotContain("data-switcher", theirs, StringComparison.Ordinal);
        Assert.StartsWith("/admins-only", (await reader.GetAsync("/projects/choices")).Headers.Location!.PathAndQueryOrText(), StringComparison.Ordinal);
        Assert.Contains(JsonNode.Parse(choices)!.AsArray(), one => (string)one!["id"]! == project.Id && (string)one["name"]! == "Shop <b>");
        Assert.Equal("/", opened.Leads());
        Assert.Contains($"data-switcher=\"{project.Id}\"", after, StringComparison.Ordinal);
    }
}
