using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace Sessions.Tests.Web.Pages;

/// <summary>The settings page without JSON: rows, units that people use, and faults beside their fields.</summary>
public sealed class SettingRowsTests(TestGateway gateway) : IClassFixture<TestGateway>
{
    [Fact]
    public async Task Rows_of_the_form_are_stored_in_their_order_and_emptied_ones_are_removed()
    {
        TestGateway.Project project = gateway.NextProject();
        using HttpClient browser = await gateway.Reader(project);

        using HttpResponseMessage saved = await browser.Send(
            "/project",
            "/project",
            ("channel_rules.rows", "1"),
            ("channel_rules.7.id", ""), ("channel_rules.7.combiner", "OR"), ("channel_rules.7.channel_type", "Partners"),
            ("channel_rules.7.items.10.key", "url"), ("channel_rules.7.items.10.op", "is_set"), ("channel_rules.7.items.10.value", ""),
            ("channel_rules.7.items.9.key", "utm_source"), ("channel_rules.7.items.9.op", "exact"), ("channel_rules.7.items.9.value", "acme\r\na, b\r\n"),
            ("channel_rules.2.id", "1"), ("channel_rules.2.combiner", "AND"), ("channel_rules.2.channel_type", "Letter"),
            ("channel_rules.3.id", ""), ("channel_rules.3.combiner", "AND"), ("channel_rules.3.channel_type", ""),
            ("path_cleaning.rows", "1"),
            ("path_cleaning.0.regex", "[0-9]+"), ("path_cleaning.0.replacement", ":id"),
            ("path_cleaning.1.regex", ""), ("path_cleaning.1.replacement", ""),
            ("ignored_referrers", ""), ("ignored_referrers", "auth0.com"), ("ignored_referrers", " paypal.com "));
        JsonNode settings = await Settings(project);

        Assert.Equal((HttpStatusCode.Redirect, "/project?done=saved#settings"), (saved.StatusCode, saved.Leads()));
        Assert.Equal(
            """[{"id":"1","combiner":"AND","items":[],"channel_type":"Letter"},{"id":"2","combiner":"OR","items":[{"key":"utm_source","op":"exact","value":["acme","a, b"]},{"key":"url","op":"is_set","value":[]}],"channel_type":"Partners"}]""",
            settings["channel_rules"]!.ToJsonString());
        Assert.Equal("""[{"regex":"[0-9]\u002B","replacement":":id"}]""", settings["path_cleaning"]!.ToJsonString());
        Assert.Equal("""["auth0.com","paypal.com"]""", settings["ignored_referrers"]!.ToJsonString());

        using HttpResponseMessage emptied = await browser.Send(
            "/project", "/project", ("channel_rules.rows", "1"), ("path_cleaning.rows", "1"), ("ignored_referrers", ""));
        JsonNode after = await Settings(project);
        Assert.Equal(("[]", "[]", "[]"), (after["channel_rules"]!.ToJsonString(), after["path_cleaning"]!.ToJsonString(), after["ignored_referrers"]!.ToJsonString()));
    }

    [Fact]
    public async Task Values_that_a_line_can_not_hold_come_through_the_form_unchanged()
    {
        TestGateway.Project project = gateway.NextProject();
        string[] values = ["", " a ", "two\nlines", "\"\"", "\"quoted\"", "\"half", "back\\slash", "a{2,3}"];
        using HttpClient admin = gateway.Program(project.ApiKey);
        (await admin.PutAsJsonAsync("/api/project", new
        {
            channel_rules = new[] { new { id = "1", combiner = "AND", channel_type = "X", items = new[] { new { key = "url", op = "exact", value = values } } } },
        })).EnsureSuccessStatusCode();
        using HttpClient browser = await gateway.Reader(project);
        string page = await browser.GetStringAsync("/project");
        int start = page.IndexOf("aria-label=\"Values, one a line\"", StringComparison.Ordinal);
        string typed = WebUtility.HtmlDecode(page[(page.IndexOf('>', start) + 1)..page.IndexOf("</textarea>", start, StringComparison.Ordinal)]);

        using HttpResponseMessage saved = await browser.Send(
            "/project",
            "/project",
            ("channel_rules.rows", "1"),
            ("channel_rules.0.id", "1"), ("channel_rules.0.combiner", "AND"), ("channel_rules.0.channel_type", "X"),
            ("channel_rules.0.items.0.key", "url"), ("channel_rules.0.items.0.op", "exact"), ("channel_rules.0.items.0.value", typed.Replace("\n", "\r\n", StringComparison.Ordinal)));

        Assert.Equal(HttpStatusCode.Redirect, saved.StatusCode);
        JsonNode stored = (await Settings(project))["channel_rules"]![0]!["items"]![0]!["value"]!;
        Assert.Equal(values, stored.AsArray().Select(value => (string)value!));
    }

    [Theory]
    [InlineData("channel_rules[0].items[0].value", "Channel rule 1, condition 1, value is no regular expression", "channel_rules.0.items.0.op=regex", "channel_rules.0.items.0.value=(")]
    [InlineData("channel_rules[0].items[0].value", "Channel rule 1, condition 1, value is missing: type at least one.", "channel_rules.0.items.0.op=exact", "channel_rules.0.items.0.value=")]
    [InlineData("channel_rules[0].channel_type", "Channel rule 1, channel must be a text of 1 to 100 characters", "channel_rules.0.channel_type=", "channel_rules.0.items.0.op=is_set")]
    [InlineData("path_cleaning[0].regex", "Path rule 1, pattern is not a regular expression", "path_cleaning.0.regex=(")]
    [InlineData("path_cleaning[0].regex", "Path rule 1, pattern must be a text of 1 to 500 characters", "path_cleaning.0.replacement=x")]
    [InlineData("ignored_referrers[0]", "Ignored referrer 1 must be a host such as \"accounts.google.com\", without scheme, port or path.", "ignored_referrers=https://a")]
    [InlineData("internal_hosts[1]", "Internal host 2 must be a host", "internal_hosts=a.example", "internal_hosts=b c")]
    [InlineData("idle_timeout_seconds", "Idle timeout must be from 1 to 600 minutes.", "idle_timeout_minutes=0.5")]
    [InlineData("idle_timeout_seconds", "Idle timeout must be from 1 to 600 minutes.", "idle_timeout_minutes=half an hour")]
    [InlineData("idle_timeout_seconds", "Idle timeout must be from 1 to 600 minutes.", "idle_timeout_minutes=79228162514264337593543950335")]
    [InlineData("bounce_seconds", "Bounce limit must be from 0 to 3,600 seconds.", "bounce_seconds=-1")]
    [InlineData("replay.sample_rate", "Sessions recorded must be from 0 to 100 percent.", "replay.sample_percent=101")]
    [InlineData("replay.minimum_duration_ms", "Shortest recording must be from 0 to 3,600 seconds.", "replay.minimum_seconds=3601")]
    [InlineData("retention_days", "Keep sessions for must be a whole number from 1 to 36,500 days, or empty.", "retention_days=1.5")]
    public async Task A_fault_names_the_field_in_words_leads_to_it_and_stands_beside_it(string field, string words, params string[] typed)
    {
        TestGateway.Project project = gateway.NextProject();
        using HttpClient browser = await gateway.Reader(project);
        (string, string)[] rows =
        [
            ("channel_rules.rows", "1"), ("channel_rules.0.combiner", "AND"), ("channel_rules.0.channel_type", "X"), ("channel_rules.0.items.0.key", "url"),
            ("channel_rules.0.items.0.op", "is_set"), ("path_cleaning.rows", "1"),
        ];
        (string Name, string Value)[] all = [.. typed.Select(text => text.Split('=', 2)).Select(pair => (pair[0], pair[1]))];
        string before = (await Settings(project)).ToJsonString();

        using HttpResponseMessage answer = await browser.Send("/project", "/project", [.. rows.Where(row => all.All(one => one.Name != row.Item1)), .. all]);
        string page = WebUtility.HtmlDecode(await answer.Content.ReadAsStringAsync());

        string id = $"set-{field.Replace("].", "-", StringComparison.Ordinal).Replace('[', '-').Replace('.', '-').TrimEnd(']')}";
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Contains($"<a href=\"#{id}\">{words}", page, StringComparison.Ordinal);
        Assert.Matches($"id=\"{id}\"[^>]*aria-invalid=\"true\"", page);
        // In the summary and beside the field.
        Assert.Equal(2, page.Split(words).Length - 1);
        Assert.Equal(before, (await Settings(project)).ToJsonString());
    }

    [Fact]
    public async Task Minutes_seconds_and_percent_are_stored_as_the_API_has_them()
    {
        TestGateway.Project project = gateway.NextProject();
        using HttpClient browser = await gateway.Reader(project);

        using HttpResponseMessage saved = await browser.Send(
            "/project", "/project", ("idle_timeout_minutes", "1.6667"), ("replay.sample_percent", "33.3"), ("replay.minimum_seconds", "2.5"));
        JsonNode settings = await Settings(project);
        string page = await browser.Page("/project");

        Assert.Equal(HttpStatusCode.Redirect, saved.StatusCode);
        Assert.Equal(100, (int)settings["idle_timeout_seconds"]!);
        Assert.Equal(0.333, (double)settings["replay"]!["sample_rate"]!);
        Assert.Equal(2500, (int)settings["replay"]!["minimum_duration_ms"]!);
        Assert.Contains("name=\"idle_timeout_minutes\" value=\"1.6667\"", page, StringComparison.Ordinal);
        Assert.Contains("name=\"replay.sample_percent\" value=\"33.3\"", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_page_opened_before_an_upgrade_has_its_own_units_and_JSON()
    {
        TestGateway.Project project = gateway.NextProject();
        using HttpClient browser = await gateway.Reader(project);

        using HttpResponseMessage saved = await browser.Send(
            "/project",
            "/project",
            ("idle_timeout_seconds", "90"), ("replay.sample_rate", "0.25"),
            ("path_cleaning", """[{"regex":"a","replacement":"b"}]"""), ("ignored_referrers", "a.example\r\nb.example"));
        JsonNode settings = await Settings(project);

        Assert.Equal(HttpStatusCode.Redirect, saved.StatusCode);
        Assert.Equal((90, 0.25), ((int)settings["idle_timeout_seconds"]!, (double)settings["replay"]!["sample_rate"]!));
        Assert.Equal("""[{"regex":"a","replacement":"b"}]""", settings["path_cleaning"]!.ToJsonString());
        Assert.Equal("""["a.example","b.example"]""", settings["ignored_referrers"]!.ToJsonString());
    }

    [Fact]
    public async Task Without_scripts_each_list_has_an_empty_row_to_fill_in()
    {
        using HttpClient browser = await gateway.Reader(gateway.NextProject());
        string page = await browser.Page("/project");
        string[] parts = [.. page.Split("<noscript>").Skip(1).Select(part => part[..part.IndexOf("</noscript>", StringComparison.Ordinal)])];

        Assert.Contains(parts, part => part.Contains("name=\"channel_rules.100000.items.100000.value\"", StringComparison.Ordinal));
        Assert.Contains(parts, part => part.Contains("name=\"path_cleaning.100000.regex\"", StringComparison.Ordinal));
        Assert.Contains(parts, part => part.Contains("name=\"ignored_referrers\"", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_rule_with_markup_in_it_is_text_on_the_page()
    {
        TestGateway.Project project = gateway.NextProject();
        using HttpClient admin = gateway.Program(project.ApiKey);
        (await admin.PutAsJsonAsync("/api/project", new
        {
            path_cleaning = new[] { new { regex = "\"><script>x</script>", replacement = "</textarea>" } },
            channel_rules = new[] { new { id = "\"'<b>", combiner = "OR", channel_type = "<i>", items = new[] { new { key = "url", op = "exact", value = "</textarea><script>" } } } },
        })).EnsureSuccessStatusCode();
        using HttpClient browser = await gateway.Reader(project);

        string page = await browser.GetStringAsync("/project");

        Assert.DoesNotContain("<script>", page, StringComparison.Ordinal);
        Assert.Contains("value=\"&lt;i&gt;\"", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_read_key_sees_the_settings_disabled_and_no_button_that_saves()
    {
        TestGateway.Project project = gateway.NextProject();
        using HttpClient admin = gateway.Program(project.ApiKey);
        using HttpResponseMessage made = await admin.PostAsJsonAsync("/api/project/keys", new { name = "reader", role = "read" });
        string key = (string)JsonNode.Parse(await made.Content.ReadAsStringAsync())!["key"]!;
        using HttpClient browser = await gateway.Reader(project with { ApiKey = key });

        string page = await browser.Page("/project");

        Assert.Contains("Your key can only read.", page, StringComparison.Ordinal);
        Assert.Contains("<fieldset disabled", page, StringComparison.Ordinal);
        Assert.DoesNotContain("Save settings", page, StringComparison.Ordinal);
        Assert.Contains("name=\"idle_timeout_minutes\" value=\"30\"", page, StringComparison.Ordinal);
    }

    private async Task<JsonNode> Settings(TestGateway.Project project)
    {
        using HttpClient program = gateway.Program(project.ApiKey);
        return JsonNode.Parse(await program.GetStringAsync("/api/project"))!;
    }
}
