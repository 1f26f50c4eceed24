using System.Net;
using System.Text.RegularExpressions;
using Npgsql;
using static Sessions.Tests.Web.SampleSessions;

namespace Sessions.Tests.Web.Pages;

/// <summary>From a session to the one before and after it in the list that its reader came from.</summary>
public sealed partial class SessionNeighbourTests(TestGateway gateway) : IClassFixture<TestGateway>
{
    [Theory]
    [InlineData("")]
    [InlineData("/replay")]
    public async Task A_reader_goes_through_a_list_and_over_the_ends_of_its_pages(string suffix)
    {
        TestGateway.Project project = gateway.NextProject();
        // Equal values, so that the order is one of ids too.
        for (int number = 0; number < 5; number++)
        {
            await gateway.Database.AddSession(project.Id, Noon.AddMinutes(number), seconds: number < 3 ? 5 : 9, distinctId: $"user-{number}");
        }

        using HttpClient browser = await gateway.Reader(project);
        string list = $"{gateway.Address}/sessions?date_from=all&limit=2&order=-%24session_duration";
        string[] order = [.. await Ids(project)];
        string page = await Open(browser, $"/sessions/{order[0]}{suffix}", list);
        Assert.Null(Way(page, "prev"));

        List<string> forth = [order[0]], back = [];
        for (string? next = Way(page, "next"); next is not null; next = Way(page, "next"))
        {
            forth.Add(Id().Match(next).Value);
            page = await Open(browser, next, referrer: null);
        }

        for (string? previous = Way(page, "prev"); previous is not null; previous = Way(page, "prev"))
        {
            back.Insert(0, Id().Match(previous).Value);
            page = await Open(browser, previous, referrer: null);
        }

        Assert.Equal(order, forth);
        Assert.Equal(order.SkipLast(1), back);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("https://elsewhere.example/sessions?date_from=all")]
    [InlineData("/live")]
    [InlineData("/sessions?date_from=nonsense&limit=x&filters=[")]
    [InlineData("/sessions?date_from=all&key=distinct_id&op=exact&value=nobody")]
    public async Task A_session_that_was_not_reached_from_a_list_has_no_neighbours(string? referrer)
    {
        TestGateway.Project project = gateway.NextProject();
        await gateway.Database.AddSession(project.Id, Noon, distinctId: "one");
        await gateway.Database.AddSession(project.Id, Noon.AddMinutes(1), distinctId: "two");
        using HttpClient browser = await gateway.Reader(project);

        string page = await Open(browser, $"/sessions/{(await Ids(project))[0]}", referrer is null || referrer.StartsWith("http", StringComparison.Ordinal) ? referrer : gateway.Address + referrer);

        Assert.Null(Way(page, "prev"));
        Assert.Null(Way(page, "next"));
    }

    [Theory]
    [InlineData("?list=")]
    [InlineData("?list=%26%3D%26%25zz")]
    [InlineData("?list=cursor%3Dnonsense%26back%3Dx%26page%3D-1")]
    [InlineData("?list=a&list=b")]
    public async Task An_edited_list_in_an_address_does_no_harm(string query)
    {
        TestGateway.Project project = gateway.NextProject();
        await gateway.Database.AddSession(project.Id, Noon, distinctId: "one");
        using HttpClient browser = await gateway.Reader(project);

        using HttpResponseMessage answer = await browser.GetAsync($"/sessions/{(await Ids(project))[0]}{query}");

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    private static async Task<string> Open(HttpClient browser, string address, string? referrer)
    {
        using HttpRequestMessage request = new(HttpMethod.Get, address);
        request.Headers.Referrer = referrer is null ? null : new Uri(referrer);
        using HttpResponseMessage answer = await browser.SendAsync(request);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return WebUtility.HtmlDecode(await answer.Content.ReadAsStringAsync());
    }

    private async Task<string[]> Ids(TestGateway.Project project)
    {
        await using NpgsqlCommand select = gateway.Database.CreateCommand(
            "select session_id from tracking.sessions where project = $1 order by end_timestamp - start_timestamp desc, session_id");
        select.Parameters.AddWithValue(project.Id);
        List<string> ids = [];
        await using NpgsqlDataReader reader = await select.ExecuteReaderAsync();
        while (await reader.ReadAsync())
        {
            ids.Add(reader.GetGuid(0).ToString());
        }

        return [.. ids];
    }

    private static string? Way(string page, string rel) =>
        Regex.Match(page, $"rel=\"{rel}\" href=\"([^\"]+)\"") is { Success: true } match ? match.Groups[1].Value : null;

    [GeneratedRegex("[0-9a-f]{8}-[0-9a-f-]{27}")]
    private static partial Regex Id();
}
