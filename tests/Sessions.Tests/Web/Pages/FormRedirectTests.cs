using System.Net;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Sessions.Domain.Projects;
using Sessions.SystemTests.Harness;
using Sessions.Web.Projects;

namespace Sessions.Tests.Web.Pages;

/// <summary>A form leads to a page, so that a reload sends nothing again; and the audit log says what it changed.</summary>
public sealed partial class FormRedirectTests(TestGateway gateway) : IClassFixture<TestGateway>
{
    [Fact]
    public async Task A_new_key_is_shown_once_and_a_reload_makes_no_second_one()
    {
        TestGateway.Project project = gateway.NextProject();
        using HttpClient browser = await gateway.Reader(project);

        using HttpResponseMessage made = await browser.Send("/project", "/project/keys", ("name", "dashboard"), ("role", "read"));
        string shown = await browser.Page("/project"), reloaded = await browser.Page("/project");

        Assert.Equal((HttpStatusCode.Redirect, "/project#new-key"), (made.StatusCode, made.Leads()));
        string key = Key().Match(shown).Groups[1].Value;
        Assert.Equal(HttpStatusCode.OK, (await gateway.Program(key).GetAsync("/api/live")).StatusCode);
        Assert.DoesNotContain(key, reloaded, StringComparison.Ordinal);
        Assert.Single(Regex.Matches(reloaded, "<td class=\"wrap\">dashboard</td>"));
    }

    [Fact]
    public async Task A_new_key_is_not_shown_to_another_sign_in()
    {
        TestGateway.Project project = gateway.NextProject();
        CookieContainer cookies = new();
        using HttpClient browser = gateway.Browser(cookies);
        await browser.SignIn(project.ApiKey);
        using HttpResponseMessage made = await browser.Send("/project", "/project/keys", ("name", "dashboard"), ("role", "read"));
        await browser.SignIn(gateway.Theirs.ApiKey);

        Assert.DoesNotContain("Your new key", await browser.Page("/project"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Saving_the_form_logs_only_the_settings_that_changed()
    {
        TestGateway.Project project = gateway.NextProject();
        using HttpClient browser = await gateway.Reader(project);
        using HttpResponseMessage first = await Save(browser, ("name", "Shop"));
        using HttpResponseMessage second = await Save(browser, ("name", "Shop"), ("bounce_seconds", "20"));
        using HttpResponseMessage third = await Save(browser, ("name", "Shop"), ("bounce_seconds", "20"));
        using HttpResponseMessage token = await browser.Send("/project", "/project/token", ("token", $"new-{project.Token}"));
        using HttpResponseMessage same = await browser.Send("/project", "/project/token", ("token", $"new-{project.Token}"));
        using HttpClient admin = gateway.Program(project.ApiKey);
        JsonArray log = JsonNode.Parse(await admin.GetStringAsync("/api/audit?action=settings.changed"))!["results"]!.AsArray();

        Assert.Equal(["token", "bounce_seconds", "name"], log.Select(line => string.Join(' ', line!["detail"]!["changed"]!.AsArray().Select(name => (string)name!))));
        Assert.Equal("/project?done=token#install", token.Leads());

        // All fields of the page, as a browser sends them.
        async Task<HttpResponseMessage> Save(HttpClient browser, params (string Name, string Value)[] changed)
        {
            (ProjectSettings settings, _) = await gateway.Service<ProjectChanges>().Get(project.Id, CancellationToken.None);
            var fields = ProjectSettingList.All.Where(setting => !setting.Input.IsBox || setting.Format(settings) == "true")
                .ToDictionary(setting => setting.Field, setting => setting.Format(settings));
            foreach ((string name, string value) in changed)
            {
                fields[name] = value;
            }

            HttpResponseMessage saved = await browser.Send("/project", "/project", [.. fields.Select(field => (field.Key, field.Value))]);
            Assert.Equal(HttpStatusCode.Redirect, saved.StatusCode);
            return saved;
        }
    }

    [Fact]
    public async Task A_wrong_token_and_wrong_settings_are_named_in_a_summary_that_takes_the_focus()
    {
        using HttpClient browser = await gateway.Reader(gateway.NextProject());

        foreach ((string address, string field, string id) in ((string, string, string)[])[("/project/token", "token", "set-token"), ("/project", "timezone", "set-timezone")])
        {
            using HttpResponseMessage answer = await browser.Send("/project", address, (field, "\u0001"));
            string page = await answer.Content.ReadAsStringAsync();
            Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
            Assert.Matches("<div class=\"note wrong\" id=\"faults\" role=\"alert\" tabindex=\"-1\" autofocus", page);
            Assert.Contains($"<a href=\"#{id}\">", page, StringComparison.Ordinal);
            Assert.Contains($"id=\"{id}\"", page, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_query_in_SQL_has_an_address_and_a_delete_is_told_that_the_page_only_reads()
    {
        using HttpClient browser = await gateway.Reader(gateway.NextProject());

        using HttpResponseMessage ran = await browser.Send("/sql", "/sql", ("q", "select 6 * 7 as answer"));
        string shown = await browser.Page(ran.Leads());
        using HttpRequestMessage foreign = new(HttpMethod.Get, ran.Leads());
        foreign.Headers.Add("Sec-Fetch-Site", "cross-site");
        string filledIn = await (await browser.SendAsync(foreign)).Content.ReadAsStringAsync();
        string refused = await browser.Page("/sql?q=delete%20from%20sessions");

        Assert.Equal("/sql?q=select%206%20%2A%207%20as%20answer", ran.Leads());
        Assert.Matches(@"<td class=""n"">\s*42\s*</td>", shown);
        Assert.Contains("select 6 * 7 as answer", filledIn, StringComparison.Ordinal);
        Assert.DoesNotContain("aria-label=\"Result\"", filledIn, StringComparison.Ordinal);
        Assert.Contains("This page only reads, and delete does not.", refused, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Long_cells_of_a_result_open_and_ids_link_to_their_sessions()
    {
        TestGateway.Project project = gateway.NextProject();
        Guid session = await gateway.Database.AddSession(project.Id, SampleSessions.Noon);
        using HttpClient browser = await gateway.Reader(project);

        string page = await browser.Page($"/sql?q={Uri.EscapeDataString("select session_id, distinct_id, repeat('long ', 100) as text from sessions")}");

        Assert.Contains($"<a href=\"/sessions/{session}\">{session}</a>", page, StringComparison.Ordinal);
        Assert.Contains("key=distinct_id", page, StringComparison.Ordinal);
        Assert.Contains("<details class=\"opens\">", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Numbers_of_a_result_have_marks_between_the_thousands_but_ids_years_texts_and_the_file_have_none()
    {
        using HttpClient browser = await gateway.Reader(gateway.NextProject());
        const string query = "select 1234567 as amount, -1234.5 as balance, 999 as few, 1234567 as order_id, 2026 as extract, 20260 as year, '1234567' as text";

        string page = await browser.Page($"/sql?q={Uri.EscapeDataString(query)}");
        using HttpResponseMessage file = await browser.Send("/sql", "/sql/csv", ("q", query));

        Assert.Equal(
            ["1,234,567", "-1,234.5", "999", "1234567", "2026", "20260", "1234567"],
            Regex.Matches(page, "<td class=\"[^\"]*\">\\s*(.*?)\\s*</td>", RegexOptions.Singleline).Select(cell => Regex.Replace(cell.Groups[1].Value, "<[^>]*>", "").Trim()));
        Assert.Contains("1234567,-1234.5,999,1234567,2026,20260,1234567", await file.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_long_query_without_an_address_is_answered_at_once()
    {
        using HttpClient browser = await gateway.Reader(gateway.NextProject());

        using HttpResponseMessage ran = await browser.Send("/sql", "/sql", ("q", $"select 1 as one -- {new string('x', 5000)}"));

        Assert.Equal(HttpStatusCode.OK, ran.StatusCode);
        Assert.Contains(">one<", await ran.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [GeneratedRegex("id=\"made-key\"[^>]*>([^<]+)<")]
    private static partial Regex Key();
}
