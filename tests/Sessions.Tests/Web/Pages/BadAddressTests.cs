using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace Sessions.Tests.Web.Pages;

/// <summary>Addresses that somebody edited, and names that test the pages.</summary>
public sealed class BadAddressTests(TestGateway gateway) : IClassFixture<TestGateway>
{
    [Theory]
    [InlineData("date_from=yesterday", "“yesterday” is no date from which a range can begin.")]
    [InlineData("date_from=2026-02-30", "“2026-02-30” is no date from which")]
    [InlineData("date_to=soon", "“soon” is no date at which a range can end.")]
    [InlineData("timezone=Mars%2FBase", "nothing called “timezone”")]
    [InlineData("colour=red&size=9", "nothing called “colour”, “size”")]
    [InlineData("key=nope&op=exact&value=1", "A session has no property “nope”.")]
    [InlineData("key=%24session_duration&op=gt&value=long", "“long” must be a number of seconds.")]
    [InlineData("key=%24start_timestamp&op=gt&value=noon", "“noon” must be a time in ISO 8601")]
    [InlineData("key=%24is_bounce&op=exact&value=maybe", "“maybe” must be true or false.")]
    [InlineData("key=%24browser&op=resembles&value=x", "“resembles” is no comparison.")]
    [InlineData("key=%24browser&op=regex&value=(", "“(” is no regular expression")]
    [InlineData("key=%24session_duration&op=between&value=1", "Between needs two values: from, to.")]
    [InlineData("of=event&key=timestamp&op=gt&value=noon", "“noon” must be a time in ISO 8601")]
    public async Task The_page_says_what_it_did_not_understand_and_shows_the_rest(string address, string words)
    {
        TestGateway.Project project = gateway.NextProject();
        await gateway.Database.AddSession(project.Id, DateTimeOffset.UtcNow.AddMinutes(-1));
        using HttpClient browser = await gateway.Reader(project);

        foreach (string path in (string[])["/", "/sessions", "/explore"])
        {
            using HttpResponseMessage answer = await browser.GetAsync($"{path}?{address}");
            string page = WebUtility.HtmlDecode(await answer.Content.ReadAsStringAsync());

            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            Assert.Contains(words, page, StringComparison.Ordinal);
            Assert.Matches("<table", page);
        }
    }

    [Theory]
    [InlineData("/?metric=fame", "The chart can't show “fame”.")]
    [InlineData("/?pages=lost", "has no tab “lost”.")]
    [InlineData("/?compare=never", "“never” is no comparison.")]
    [InlineData("/?compare=custom&compare_from=2026-05-05&compare_to=2026-05-01", "The period to compare with has no valid dates")]
    [InlineData("/sessions?order=-fame", "Sessions can't be ordered by “-fame”.")]
    [InlineData("/sessions?limit=many", "A page can't have “many” sessions.")]
    [InlineData("/sessions?col=fame&col=$browser", "Sessions have no column “fame”.")]
    [InlineData("/live?filter=x", "nothing called “filter”")]
    [InlineData("/sql?query=x", "nothing called “query”")]
    [InlineData("/project?tab=x", "nothing called “tab”")]
    public async Task Each_page_names_what_it_does_not_know(string address, string words)
    {
        TestGateway.Project project = gateway.NextProject();
        await gateway.Database.AddSession(project.Id, DateTimeOffset.UtcNow.AddMinutes(-1));
        using HttpClient browser = await gateway.Reader(project);

        using HttpResponseMessage answer = await browser.GetAsync(address);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Contains(words, WebUtility.HtmlDecode(await answer.Content.ReadAsStringAsync()), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("<script>alert(1)</script>")]
    [InlineData("\"><img src=x onerror=alert(1)>")]
    [InlineData("حانوت الكتب ‏(שלום)")]
    [InlineData("0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789")]
    public async Task A_projects_name_is_text_on_every_page(string name)
    {
        TestGateway.Project project = gateway.NextProject();
        using HttpClient admin = gateway.Program(project.ApiKey);
        (await admin.PutAsJsonAsync("/api/project", new { name })).EnsureSuccessStatusCode();
        using HttpClient browser = await gateway.Reader(project);

        foreach (string path in (string[])["/", "/live", "/sessions", "/explore", "/sql", "/project", "/project/webhooks", "/project/privacy", "/docs"])
        {
            string page = await browser.GetStringAsync(path);
            Assert.Contains(name, WebUtility.HtmlDecode(page), StringComparison.Ordinal);
            Assert.DoesNotContain("<script>alert", page, StringComparison.Ordinal);
            Assert.DoesNotContain("<img src=x", page, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Filters_suggest_the_projects_own_events_properties_and_values()
    {
        TestGateway.Project project = gateway.NextProject(), other = gateway.NextProject();
        foreach ((TestGateway.Project at, string plan) in new[] { (project, "gold <b>"), (other, "foreign") })
        {
            Guid session = await gateway.Database.AddSession(at.Id, SampleSessions.Noon, source: $"from {plan}");
            await gateway.Database.AddEvent(at.Id, session, 1, SampleSessions.Noon, $$"""{"plan":"{{plan}}","seats":3}""");
        }

        using HttpClient browser = await gateway.Reader(project);

        Assert.Equal("[\"$pageview\"]", await Text("of=event&key=event"));
        Assert.Equal(["plan", "seats"], JsonNode.Parse(await Text("of=event"))!.AsArray().Select(one => (string)one!));
        Assert.Equal("gold <b>", (string)JsonNode.Parse(await Text("of=event&key=plan"))![0]!);
        Assert.Equal("from gold <b>", (string)JsonNode.Parse(await Text("of=session&key=%24entry_utm_source"))![0]!);
        Assert.Equal("[\"true\",\"false\"]", await Text("of=session&key=%24is_bounce"));
        foreach (string odd in (string[])["", "of=x&key=y", "of=event&key=%00", "of=session&key=", "key=a&key=b"])
        {
            Assert.Equal("[]", await Text(odd));
        }

        async Task<string> Text(string query) => await browser.GetStringAsync($"/suggestions?{query}");
    }
}
