using System.Net;
using Npgsql;
using Sessions.SystemTests.Harness;

namespace Sessions.Tests.Web;

/// <summary>Any page can make a browser load our addresses as parts of itself, with the cookie of whoever looks at it.</summary>
public sealed class EmbeddedRequestTests(TestGateway gateway) : IClassFixture<TestGateway>
{
    private const string Export = "/api/export/sessions?format=ndjson";

    private static readonly string NoSession = $"/sessions/{Guid.Empty}/replay";

    public static TheoryData<string> Parts =>
        ["image", "style", "font", "script", "video", "audio", "track", "iframe", "frame", "object", "embed", "manifest", "worker"];

    [Theory]
    [MemberData(nameof(Parts))]
    public async Task An_export_with_a_cookie_is_refused_as_a_part_of_a_page_and_leaves_no_entry_in_the_audit_log(string destination)
    {
        TestGateway.Project project = gateway.NextProject();
        using HttpClient browser = gateway.Browser();
        await browser.SignIn(project.ApiKey);

        using HttpResponseMessage answer = await Get(browser, Export, destination);

        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType!.MediaType);
        Assert.Equal(0, await Exports(project));
    }

    [Theory]
    [InlineData(null)] // an old browser, or a gateway without TLS
    [InlineData("document")]
    [InlineData("empty")]
    public async Task An_export_with_a_cookie_is_answered_to_a_person_and_to_a_script_of_ours(string? destination)
    {
        TestGateway.Project project = gateway.NextProject();
        using HttpClient browser = gateway.Browser();
        await browser.SignIn(project.ApiKey);

        using HttpResponseMessage answer = await Get(browser, Export, destination);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal(1, await Exports(project));
    }

    [Fact]
    public async Task An_export_with_an_API_key_is_answered_whatever_it_is_for()
    {
        using HttpClient program = gateway.Program(gateway.NextProject().ApiKey);

        using HttpResponseMessage answer = await Get(program, Export, "image");

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    [Theory]
    [InlineData("/")]
    [InlineData("/explore")]
    [InlineData("/sql")]
    [InlineData("/sessions")]
    [InlineData("/api/sessions")]
    [InlineData("/api/live/stream")]
    [InlineData("/api/persons?distinct_id=a")]
    [InlineData("/api/web-analytics/overview")]
    public async Task Pages_and_calls_with_a_cookie_are_refused_as_a_picture(string address)
    {
        using HttpClient browser = gateway.Browser();
        await browser.SignIn(gateway.Ours.ApiKey);

        using HttpResponseMessage answer = await Get(browser, address, "image");

        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
    }

    [Theory]
    [InlineData("/data")]
    [InlineData("/events")]
    public async Task The_data_of_a_replay_is_refused_as_a_picture_and_answered_to_a_script(string part)
    {
        using HttpClient browser = gateway.Browser();
        await browser.SignIn(gateway.Ours.ApiKey);

        using HttpResponseMessage picture = await Get(browser, NoSession + part, "image");
        using HttpResponseMessage script = await Get(browser, NoSession + part, "empty");

        Assert.Equal((HttpStatusCode.Forbidden, HttpStatusCode.NotFound), (picture.StatusCode, script.StatusCode));
    }

    [Fact]
    public async Task A_link_that_signs_in_does_nothing_as_a_picture()
    {
        using HttpClient browser = gateway.Browser();

        using HttpResponseMessage answer = await Get(browser, "/signin?ticket=any", "image");

        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
    }

    [Theory]
    [InlineData("?pictures=always", true)]
    [InlineData("?pictures=never", false)]
    [InlineData("?pictures=unknown", false)]
    [InlineData("", false)]
    public async Task The_page_of_the_player_may_be_a_frame_of_ours_and_loads_pictures_only_if_asked_to(string query, bool loads)
    {
        using HttpClient browser = gateway.Browser();
        await browser.SignIn(gateway.Ours.ApiKey);

        using HttpResponseMessage answer = await Get(browser, $"/replay/frame{query}", "iframe");

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        string[] policy = Policy(answer);
        Assert.Contains("frame-ancestors 'self'", policy);
        Assert.Contains("default-src 'none'", policy);
        Assert.Contains("connect-src 'none'", policy);
        Assert.Contains("frame-src data:", policy);
        Assert.Equal(loads, policy.Contains("img-src * data: blob:"));
        Assert.Equal(loads, policy.Contains("style-src * 'unsafe-inline'"));
        Assert.Equal("no-referrer", Assert.Single(answer.Headers.GetValues("Referrer-Policy")));
    }

    [Theory]
    [InlineData("/sessions")]
    [InlineData("/signin")]
    public async Task All_other_pages_load_everything_from_here_and_are_nobodys_frame(string page)
    {
        using HttpClient browser = gateway.Browser();
        await browser.SignIn(gateway.Ours.ApiKey);

        using HttpResponseMessage answer = await Get(browser, page, "document");

        string[] policy = Policy(answer);
        Assert.Contains("frame-ancestors 'none'", policy);
        Assert.DoesNotContain(policy, directive => directive.Contains('*', StringComparison.Ordinal));
    }

    private static string[] Policy(HttpResponseMessage answer) =>
        Assert.Single(answer.Headers.GetValues("Content-Security-Policy")).Split(';', StringSplitOptions.TrimEntries);

    private static async Task<HttpResponseMessage> Get(HttpClient client, string address, string? destination)
    {
        using HttpRequestMessage request = new(HttpMethod.Get, address);
        if (destination is not null)
        {
            request.Headers.Add("Sec-Fetch-Dest", destination);
        }

        return await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
    }

    private async Task<long> Exports(TestGateway.Project project)
    {
        await using NpgsqlCommand count = gateway.Database.CreateCommand(
            "select count(*) from tracking.audit where project = $1 and action = 'sessions.exported'");
        count.Parameters.AddWithValue(project.Id);
        return (long)(await count.ExecuteScalarAsync())!;
    }
}
