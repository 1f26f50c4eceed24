using System.Net;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Sessions.Domain;

namespace Sessions.Tests.Web.Api;

/// <summary>
/// A misspelled parameter must not give another answer than the caller wanted. Every GET below /api refuses a parameter
/// that its description does not have, names it, and suggests a similar one.
/// </summary>
public sealed class UnknownParameterTests(TestGateway gateway) : IClassFixture<TestGateway>
{
    [Fact]
    public async Task Every_described_GET_refuses_an_unknown_parameter()
    {
        using HttpClient program = Operator();
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
    public async Task Every_described_parameter_is_accepted()
    {
        using HttpClient program = Operator();
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
    public async Task A_misspelled_parameter_gets_a_suggestion(string path, string field, string meant)
    {
        using HttpClient program = Operator();

        using HttpResponseMessage answer = await program.GetAsync(path);

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        JsonNode problem = JsonNode.Parse(await answer.Content.ReadAsStringAsync())!;
        Assert.Equal(field, (string?)problem["field"]);
        Assert.Contains($"Did you mean {meant}?", (string)problem["detail"]!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_unknown_parameter_without_a_similar_name_gets_the_list_of_parameters()
    {
        using HttpClient program = Operator();

        string live = await Detail("/api/live?zzzzzz=1");
        string project = await Detail("/api/project?limit=1");
        string nameless = await Detail("/api/live?=1");
        string endless = await Detail($"/api/live?{new string('x', 2000)}=1");

        Assert.Equal("zzzzzz is not a parameter of this call. The call has limit, filters.", live);
        Assert.Equal("limit is not a parameter of this call. The call has no parameters.", project);
        Assert.Equal("The parameter without a name is not a parameter of this call. The call has limit, filters.", nameless);
        Assert.True(endless.Length < 200, endless);

        async Task<string> Detail(string path)
        {
            using HttpResponseMessage answer = await program.GetAsync(path);
            Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
            return (string)JsonNode.Parse(await answer.Content.ReadAsStringAsync())!["detail"]!;
        }
    }

    [Fact]
    public async Task A_missing_key_or_an_unknown_path_is_answered_before_unknown_parameters()
    {
        using HttpClient nobody = gateway.Program(apiKey: null);
        using HttpClient program = Operator();

        Assert.Equal(HttpStatusCode.Unauthorized, (await nobody.GetAsync("/api/sessions?surely_unknown=1")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await program.GetAsync("/api/nothing?surely_unknown=1")).StatusCode);
    }

    [Theory]
    [InlineData("/e/?ver=1.2.3&_=17&surely_unknown=1")]
    [InlineData("/flags/?v=2&config=true&surely_unknown=1")]
    public async Task Unknown_parameters_on_the_SDKs_paths_are_accepted(string path)
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
    public void A_name_is_similar_when_it_has_few_typing_errors_or_is_a_part(string name, string? expected) =>
        Assert.Equal(expected, SimilarName.Among(["date_from", "date_to", "filters", "raw", "limit"], name));

    /// <summary>The operator, who may call everything, in our project.</summary>
    private HttpClient Operator()
    {
        HttpClient program = gateway.Program(TestGateway.OperatorKey);
        program.DefaultRequestHeaders.Add("X-Project", gateway.Ours.Id);
        return program;
    }
}
