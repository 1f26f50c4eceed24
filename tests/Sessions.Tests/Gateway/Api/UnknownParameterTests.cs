using System.Net;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Sessions.Domain;

namespace Sessions.Tests.Gateway.Api;

/// <summary>
/// The kind: a slip in a parameter's name, which answers with something else than was asked for. Every GET below /api
/// refuses a parameter that its description does not name, says which, and what may have been meant.
/// </summary>
public sealed class UnknownParameterTests(TestGateway gateway) : IClassFixture<TestGateway>
{
    [Fact]
    public async Task Every_get_that_is_described_refuses_what_it_does_not_know()
    {
        using HttpClient program = gateway.Program(gateway.Ours.ApiKey);
        JsonObject paths = JsonNode.Parse(await program.GetStringAsync("/openapi/v1.json"))!["paths"]!.AsObject();
        string[] gets = [.. paths.Where(path => path.Key.StartsWith("/api/", StringComparison.Ordinal) && path.Value!["get"] is not null).Select(path => path.Key)];

        Assert.True(gets.Length > 15, "There are fewer calls than there should be.");
        foreach (string path in gets)
        {
            string called = Regex.Replace(path, "{[^}]+}", "x");
            foreach (string query in new[] { "surely_unknown=1", "surely_unknown", "surely_unknown=&limit=1", "limit=1&SURELY_UNKNOWN=1&limit=1" })
            {
                using HttpResponseMessage answer = await program.GetAsync($"{called}?{query}", HttpCompletionOption.ResponseHeadersRead);
                string body = await answer.Content.ReadAsStringAsync();

                string field = paths[path]!["get"]!["parameters"]?.AsArray().Any(one => (string)one!["name"]! == "limit") == true
                    || query[0] == 's' ? "surely_unknown" : "limit";
                Assert.True(answer.StatusCode == HttpStatusCode.BadRequest, $"{path}?{query}: {(int)answer.StatusCode}");
                Assert.Equal("application/problem+json", answer.Content.Headers.ContentType!.MediaType);
                Assert.Equal(field, ((string)JsonNode.Parse(body)!["field"]!).ToLowerInvariant());
            }
        }
    }

    [Fact]
    public async Task Every_parameter_that_is_described_is_known()
    {
        using HttpClient program = gateway.Program(gateway.Ours.ApiKey);
        JsonObject paths = JsonNode.Parse(await program.GetStringAsync("/openapi/v1.json"))!["paths"]!.AsObject();
        int asked = 0;
        foreach ((string path, JsonNode? calls) in paths.Where(path => path.Key.StartsWith("/api/", StringComparison.Ordinal)))
        {
            foreach (string name in (calls!["get"]?["parameters"]?.AsArray() ?? [])
                .Where(one => (string)one!["in"]! == "query").Select(one => (string)one!["name"]!))
            {
                string called = Regex.Replace(path, "{[^}]+}", "x");
                using HttpResponseMessage answer = await program.GetAsync($"{called}?{name}=", HttpCompletionOption.ResponseHeadersRead);

                Assert.DoesNotContain("unknown parameter", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
                asked++;
            }
        }

        Assert.True(asked > 30, $"There are only {asked} parameters.");
    }

    [Theory]
    [InlineData("/api/sessions?filter=[]", "filter", "filters")]
    [InlineData("/api/sessions?Filter=[]", "Filter", "filters")]
    [InlineData("/api/sessions?from=2026-01-01", "from", "date_from")]
    [InlineData("/api/sessions?dateFrom=2026-01-01", "dateFrom", "date_from")]
    [InlineData("/api/sessions?date-to=2026-01-01", "date-to", "date_to")]
    [InlineData("/api/sessions?time_zone=UTC", "time_zone", "timezone")]
    [InlineData("/api/sessions?ordr=status", "ordr", "order")]
    [InlineData("/api/export/events?filter=[]", "filter", "filters")]
    [InlineData("/api/export/sessions?fromat=csv", "fromat", "format")]
    [InlineData("/api/web-analytics/overview?date_form=-7d", "date_form", "date_from")]
    [InlineData("/api/live?limits=1", "limits", "limit")]
    [InlineData("/api/persons?distinctid=x", "distinctid", "distinct_id")]
    [InlineData("/api/audit?actions=x", "actions", "action")]
    public async Task A_slip_is_told_what_was_meant(string path, string field, string meant)
    {
        using HttpClient program = gateway.Program(gateway.Ours.ApiKey);

        using HttpResponseMessage answer = await program.GetAsync(path);

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        JsonNode problem = JsonNode.Parse(await answer.Content.ReadAsStringAsync())!;
        Assert.Equal(field, (string?)problem["field"]);
        Assert.Contains($"did you mean {meant}?", (string)problem["detail"]!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_like_nothing_is_told_what_there_is()
    {
        using HttpClient program = gateway.Program(gateway.Ours.ApiKey);

        string live = await Detail("/api/live?zzzzzz=1");
        string project = await Detail("/api/project?limit=1");
        string nameless = await Detail("/api/live?=1");
        string endless = await Detail($"/api/live?{new string('x', 2000)}=1");

        Assert.Equal("zzzzzz is not known here. The call takes limit.", live);
        Assert.Equal("limit is not known here. The call takes none.", project);
        Assert.Equal("A parameter without a name is not known here. The call takes limit.", nameless);
        Assert.True(endless.Length < 200, endless);

        async Task<string> Detail(string path)
        {
            using HttpResponseMessage answer = await program.GetAsync(path);
            Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
            return (string)JsonNode.Parse(await answer.Content.ReadAsStringAsync())!["detail"]!;
        }
    }

    [Fact]
    public async Task Nobody_is_told_anything_without_a_key_and_nothing_of_what_is_not_there()
    {
        using HttpClient nobody = gateway.Program(apiKey: null);
        using HttpClient program = gateway.Program(gateway.Ours.ApiKey);

        Assert.Equal(HttpStatusCode.Unauthorized, (await nobody.GetAsync("/api/sessions?surely_unknown=1")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await program.GetAsync("/api/nothing?surely_unknown=1")).StatusCode);
    }

    [Theory]
    [InlineData("/e/?ver=1.2.3&_=17&surely_unknown=1")]
    [InlineData("/flags/?v=2&config=true&surely_unknown=1")]
    public async Task What_SDKs_send_is_theirs(string path)
    {
        using HttpClient sdk = gateway.Program(apiKey: null);
        using StringContent body = new($$"""{"api_key":"{{gateway.Ours.Token}}","event":"e","distinct_id":"ann","token":"{{gateway.Ours.Token}}"}""");

        using HttpResponseMessage answer = await sdk.PostAsync(path, body);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    [Theory]
    [InlineData("filter", "filters")]
    [InlineData("date_form", "date_from")]
    [InlineData("DATE-FROM", "date_from")]
    [InlineData("from", "date_from")]
    [InlineData("to", null)] // too short to be a part
    [InlineData("id", null)]
    [InlineData("", null)]
    [InlineData("something", null)]
    public void A_similar_name_is_one_with_few_slips_or_a_part(string name, string? expected) =>
        Assert.Equal(expected, SimilarName.Among(["date_from", "date_to", "filters", "raw", "limit"], name));
}
