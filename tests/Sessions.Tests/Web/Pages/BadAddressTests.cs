using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Sessions.Web.Access;
using Sessions.Web.Layout;

namespace Sessions.Tests.Web.Pages;

/// <summary>Addresses that somebody edited, and names that test the pages.</summary>
public sealed class BadAddressTests(TestGateway gateway) : IClassFixture<TestGateway>
{
    [Theory]
    [InlineData("date_from=yesterday", "“yesterday” is no date from which a range can begin.")]
    [InlineData("date_from=2026-02-30", "“2026-02-30” is no date from which")]
    [InlineData("date_to=soon", "“soon” is no date at which a range can end.")]
    [InlineData("date_from=2026-05-09&date_to=2026-05-02", "From (9 May 2026) is after To (2 May 2026). The page shows its usual range.")]
    [InlineData("date_from=2026-05-09T10:00:00Z&date_to=2026-05-09T09:00:00Z", "is after To")]
    [InlineData("date_to=2020-01-01", "The range ends on 1 Jan 2020, before it begins.")]
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
            // The range that is chosen is the one that the page shows.
            Assert.Contains("date_from=-7d\" aria-current=\"true\"", page, StringComparison.Ordinal);
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
    [InlineData("/sessions?cursor=broken", "“broken” is no place in this list.")]
    [InlineData("/sessions?cursor=WyJldmVudHMiXQ&page=4", "“WyJldmVudHMiXQ” is no place in this list.")]
    [InlineData("/sessions?page=seven", "“seven” is no number of a page.")]
    [InlineData("/sessions?page=-1", "“-1” is no number of a page.")]
    [InlineData("/sessions?page=7", "The address does not say where page 7 begins.")]
    [InlineData("/sessions?back=lost", "“lost” is no place in this list.")]
    [InlineData("/project/webhooks?done=eaten", "“eaten” is nothing that was done on this page.")]
    [InlineData("/project?done=eaten", "“eaten” is nothing that was done on this page.")]
    [InlineData("/project/privacy?before=lunch", "“lunch” is no place in this list.")]
    [InlineData("/project/privacy?deleted=me", "The project knows no deletion “me”.")]
    [InlineData("/project/privacy?deleted=01890000-0000-7000-8000-000000000000", "The project knows no deletion")]
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

    [Fact]
    public async Task Every_page_names_the_fields_of_its_address_that_it_does_not_know()
    {
        TestGateway.Project project = gateway.NextProject();
        Guid session = await gateway.Database.AddSession(project.Id, DateTimeOffset.UtcNow.AddMinutes(-1));
        using HttpClient browser = await gateway.Reader(project);
        Guid webhook = await Webhook(project);
        string[] paths =
        [
            .. gateway.Service<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
                .Where(endpoint => endpoint.Metadata.GetMetadata<PageMark>() is not null
                    && endpoint.Metadata.GetMetadata<IHttpMethodMetadata>()!.HttpMethods.Contains("GET")
                    && endpoint.Metadata.GetOrderedMetadata<IAuthorizeData>().Any(needed => needed.Policy == AccessSchemes.PagesPolicy))
                .Where(endpoint => endpoint.Metadata.GetOrderedMetadata<IAuthorizeData>().All(needed => needed.Policy != AccessSchemes.PagesOperatorPolicy))
                .Select(endpoint => endpoint.RoutePattern.RawText!)
                // What scripts read.
                .Except(["/suggestions", "/sessions/{id}/replay/data", "/sessions/{id}/replay/events"]),
        ];

        Assert.True(paths.Length >= 13, string.Join(' ', paths));
        foreach (string path in paths)
        {
            string address = path.Replace("{name}", "query", StringComparison.Ordinal)
                .Replace("/sessions/{id:guid}", $"/sessions/{session}", StringComparison.Ordinal)
                .Replace("/sessions/{id}", $"/sessions/{session}", StringComparison.Ordinal)
                .Replace("{id:guid}", $"{webhook}", StringComparison.Ordinal);
            string page = await browser.Page($"{address}?colour=red&size=9");

            Assert.True(page.Contains("nothing called “colour”, “size”", StringComparison.Ordinal), $"{address} says nothing: {page}");
        }
    }

    [Fact]
    public async Task A_sessions_page_and_a_webhooks_page_say_what_they_do_not_understand()
    {
        TestGateway.Project project = gateway.NextProject();
        Guid session = await gateway.Database.AddSession(project.Id, DateTimeOffset.UtcNow.AddMinutes(-1));
        Guid webhook = await Webhook(project);
        using HttpClient browser = await gateway.Reader(project);

        foreach ((string address, string words) in ((string, string)[])
        [
            ($"/sessions/{session}?cursor=broken", "“broken” is no place in this list."),
            ($"/project/webhooks/{webhook}?state=x", "Deliveries have no state “x”. All are shown."),
            ($"/project/webhooks/{webhook}?cursor=x", "“x” is no place in this list."),
            ($"/project/webhooks/{webhook}?done=x", "“x” is nothing that was done on this page."),
        ])
        {
            using HttpResponseMessage answer = await browser.GetAsync(address);
            string page = WebUtility.HtmlDecode(await answer.Content.ReadAsStringAsync());

            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            Assert.Contains(words, page, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("colour=red", "nothing called “colour”")]
    [InlineData("math=total&event=&bins=abc", "Bins must be a whole number")]
    [InlineData("date_from=yesterday", "“yesterday” is no date")]
    [InlineData("key=nope&op=exact&value=1", "no property “nope”")]
    [InlineData("chart=pie", "“pie” is no form of a chart")]
    public async Task There_is_no_file_of_the_explorer_for_an_address_that_it_does_not_understand(string address, string words)
    {
        TestGateway.Project project = gateway.NextProject();
        await gateway.Database.AddSession(project.Id, DateTimeOffset.UtcNow.AddMinutes(-1));
        using HttpClient browser = await gateway.Reader(project);

        using HttpResponseMessage answer = await browser.GetAsync($"/explore/csv?{address}");
        string page = await browser.Page($"/explore?{address}");

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Contains(words, WebUtility.HtmlDecode(await answer.Content.ReadAsStringAsync()), StringComparison.Ordinal);
        // The page offers the file only where there is one.
        Assert.DoesNotMatch($"href=\"/explore/csv[^\"]*(bins=abc|yesterday|nope|pie|colour)", page);
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

    private async Task<Guid> Webhook(TestGateway.Project project)
    {
        using HttpClient admin = gateway.Program(project.ApiKey);
        using HttpResponseMessage made = await admin.PostAsJsonAsync("/api/project/webhooks", new { url = "https://hooks.example/" });
        return (Guid)(await made.Content.ReadFromJsonAsync<JsonNode>())!["id"]!;
    }
}
