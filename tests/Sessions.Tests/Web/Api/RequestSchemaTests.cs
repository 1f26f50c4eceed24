using System.Net;
using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Sessions.Tests.Web.Api;

/// <summary>The schemas of request bodies in <c>/openapi/v1.json</c> allow what the API takes, and nothing that it refuses by its form.</summary>
public sealed partial class RequestSchemaTests(TestGateway gateway) : IClassFixture<TestGateway>
{
    [Theory]
    [InlineData("post /api/query", """{"series":[{}]}""")]
    [InlineData("post /api/query", """{"series":[{"event":null,"math":null,"property":null,"filters":null}],"interval":null,"timezone":null,"date_from":null,"date_to":null,"formula":null,"filters":null,"breakdown":null,"compare":null}""")]
    [InlineData("post /api/query", """{"series":[{"event":"$pageview","filters":[{"key":"$current_url","type":"event","operator":"is_set"}]}],"date_from":"-7d","compare":true}""")]
    [InlineData("post /api/query", """{"series":[{"math":"avg","property":"$session_duration"}],"filters":[{"key":"status","value":["live","ended"]}]}""")]
    [InlineData("post /api/query", """{"series":[{}],"filters":[{"key":"$event_count","type":null,"operator":null,"value":3}]}""")]
    [InlineData("post /api/query", """{"series":[{}],"breakdown":{"property":"$event_count","bins":5,"limit":null}}""")]
    [InlineData("post /api/sql", """{"query":"select 1"}""")]
    [InlineData("put /api/project", "{}")]
    [InlineData("put /api/project", """{"name":"Shop","retention_days":null,"week_start":"sunday","bounce_seconds":0.5,"replay":{"sample_rate":0.5}}""")]
    [InlineData("put /api/project", """{"channel_rules":[{"id":"a","combiner":"AND","items":[{"key":"url","op":"is_set"}],"channel_type":"A"},{"id":"b","combiner":"OR","items":[{"id":"1","key":"url","op":"exact","value":"x"},{"key":"url","op":"is_set","value":null}],"channel_type":"B"}]}""")]
    [InlineData("put /api/project", """{"path_cleaning":[{"regex":"[0-9]+","replacement":":id"}]}""")]
    public async Task A_body_that_the_API_takes_matches_its_schema(string call, string body)
    {
        Assert.Empty(await Faults(call, body));
        Assert.Equal(HttpStatusCode.OK, await Send(call, body));
    }

    [Theory]
    [InlineData("post /api/query", "[]")]
    [InlineData("post /api/query", "{}")]
    [InlineData("post /api/query", """{"series":5}""")]
    [InlineData("post /api/query", """{"series":null}""")]
    [InlineData("post /api/query", """{"series":[null]}""")]
    [InlineData("post /api/query", """{"series":[{"math":"mean"}]}""")]
    [InlineData("post /api/query", """{"series":[{"sum":1}]}""")]
    [InlineData("post /api/query", """{"series":[{}],"interval":"year"}""")]
    [InlineData("post /api/query", """{"series":[{}],"date_from":7}""")]
    [InlineData("post /api/query", """{"series":[{}],"compare":"yes"}""")]
    [InlineData("post /api/query", """{"series":[{}],"breakdown":{}}""")]
    [InlineData("post /api/query", """{"series":[{}],"breakdown":{"property":"$event_count","bins":1.5}}""")]
    [InlineData("post /api/query", """{"series":[{}],"filters":[{"value":"x"}]}""")]
    [InlineData("post /api/query", """{"series":[{}],"filters":[{"key":"status","operator":"like","value":"x"}]}""")]
    [InlineData("post /api/query", """{"series":[{}],"filters":[{"key":"status","type":"person","value":"x"}]}""")]
    [InlineData("post /api/query", """{"series":[{}],"date_form":"-7d"}""")]
    [InlineData("post /api/sql", "{}")]
    [InlineData("post /api/sql", """{"query":5}""")]
    [InlineData("post /api/sql", """{"query":null}""")]
    [InlineData("post /api/sql", """{"sql":"select 1"}""")]
    [InlineData("put /api/project", """{"colour":"red"}""")]
    [InlineData("put /api/project", """{"name":5}""")]
    [InlineData("put /api/project", """{"token":null}""")]
    [InlineData("put /api/project", """{"week_start":"someday"}""")]
    [InlineData("put /api/project", """{"idle_timeout_seconds":60.5}""")]
    [InlineData("put /api/project", """{"retention_days":"30"}""")]
    [InlineData("put /api/project", """{"replay":{"enabled":"yes"}}""")]
    [InlineData("put /api/project", """{"channel_rules":[{"id":"a","combiner":"AND","items":[{"key":"url"}],"channel_type":"A"}]}""")]
    [InlineData("put /api/project", """{"channel_rules":[{"id":"a","combiner":"NOT","items":[],"channel_type":"A"}]}""")]
    [InlineData("put /api/project", """{"path_cleaning":[{"regex":"a"}]}""")]
    public async Task A_body_that_the_API_refuses_by_its_form_does_not_match_its_schema(string call, string body)
    {
        Assert.NotEmpty(await Faults(call, body));
        Assert.Equal(HttpStatusCode.BadRequest, await Send(call, body));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("text/plain")]
    [InlineData("application/x-www-form-urlencoded")]
    [InlineData("application/json; charset=utf-8")]
    public async Task A_body_is_read_whatever_content_type_it_has(string? contentType)
    {
        Assert.Equal(HttpStatusCode.OK, await Send("post /api/query", """{"series":[{}]}""", contentType));
        Assert.Equal(HttpStatusCode.OK, await Send("post /api/sql", """{"query":"select 1"}""", contentType));
        Assert.Equal(HttpStatusCode.OK, await Send("put /api/project", """{"name":"Shop"}""", contentType));
        Assert.Equal(HttpStatusCode.OK, await Send("post /api/project/keys", """{"name":"a","role":"read"}""", contentType));
        Assert.Equal(HttpStatusCode.OK, await Send("post /api/project/webhooks", """{"url":"https://hooks.example/a"}""", contentType));
    }

    [Fact]
    public async Task Every_body_in_the_documentation_matches_its_schema()
    {
        List<string> seen = [];
        foreach (string page in Directory.EnumerateFiles(Documentation(), "*.md"))
        {
            foreach (Match example in Example().Matches(await File.ReadAllTextAsync(page)))
            {
                string call = $"{(example.Groups["method"] is { Success: true } method ? method.Value.ToLowerInvariant() : "post")} {example.Groups["path"]}";
                Assert.Empty((await Faults(call, example.Groups["body"].Value)).Select(fault => $"{Path.GetFileName(page)}, {call}: {fault}"));
                seen.Add(call);
            }
        }

        Assert.Contains("post /api/project/keys", seen);
        Assert.Contains("post /api/query", seen);
        Assert.Contains("post /api/sql", seen);
        Assert.Contains("put /api/project", seen);
    }

    [Fact]
    public async Task Every_member_of_a_query_and_of_a_change_of_settings_is_described()
    {
        JsonNode description = await Read();
        JsonObject schemas = description["components"]!["schemas"]!.AsObject();

        foreach (string name in (string[])["Query", "Series", "Breakdown", "Filter", "SqlQuery", "Project", "ProjectSettingsChange"])
        {
            Assert.All(
                schemas[name]!["properties"]!.AsObject(),
                // An object is described by its own schema, which a member refers to.
                member => Assert.True(
                    member.Value!["description"] is not null || new SchemaCheck(description).IsObject(member.Value!), $"{name}.{member.Key}"));
        }

        Assert.Equal("""["series"]""", schemas["Query"]!["required"]!.ToJsonString());
        Assert.Equal("""["key"]""", schemas["Filter"]!["required"]!.ToJsonString());
        Assert.Null(schemas["ProjectSettingsChange"]!["required"]);
    }

    [Fact]
    public async Task The_answer_with_a_projects_settings_has_every_setting()
    {
        JsonNode description = await Read();
        JsonNode schema = description["components"]!["schemas"]!["Project"]!;
        using HttpClient program = gateway.Program(gateway.NextProject().ApiKey);
        JsonObject settings = JsonNode.Parse(await program.GetStringAsync("/api/project"))!.AsObject();

        Assert.Empty(new SchemaCheck(description).Faults(schema, settings));
        foreach (string name in settings.Select(member => member.Key).ToArray())
        {
            JsonObject incomplete = settings.DeepClone().AsObject();
            incomplete.Remove(name);
            Assert.Equal([$"$.{name} is missing"], new SchemaCheck(description).Faults(schema, incomplete));
        }
    }

    private async Task<string[]> Faults(string call, string body)
    {
        JsonNode description = await Read();
        string[] parts = call.Split(' ');
        JsonNode path = description["paths"]!.AsObject().Single(one => Regex.IsMatch(parts[1], $"^{Parameter().Replace(one.Key, "[^/]+")}$")).Value!;
        JsonNode schema = path[parts[0]]!["requestBody"]!["content"]!["application/json"]!["schema"]!;
        return [.. new SchemaCheck(description).Faults(schema, JsonNode.Parse(body))];
    }

    private async Task<HttpStatusCode> Send(string call, string body, string? contentType = "application/json")
    {
        string[] parts = call.Split(' ');
        using HttpClient program = gateway.Program(gateway.NextProject().ApiKey);
        using HttpRequestMessage request = new(new HttpMethod(parts[0].ToUpperInvariant()), parts[1])
        {
            Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body)),
        };
        request.Content.Headers.ContentType = contentType is null ? null : MediaTypeHeaderValue.Parse(contentType);
        using HttpResponseMessage answer = await program.SendAsync(request);
        return answer.StatusCode;
    }

    private async Task<JsonNode> Read()
    {
        using HttpClient program = gateway.Program(apiKey: null);
        return JsonNode.Parse(await program.GetStringAsync("/openapi/v1.json"))!;
    }

    private static string Documentation([CallerFilePath] string here = "") =>
        Path.Combine(Path.GetDirectoryName(here)!, "..", "..", "..", "..", "docs");

    /// <summary>A call of curl with a body: its lines end with a backslash, and a text in quotes may go over several lines.</summary>
    [GeneratedRegex("""curl(?: -X (?<method>[A-Z]+))?(?:[^\n'`]|\\\n)*? "?http://127\.0\.0\.1:8000(?<path>/api/[^\s"?]+)"?(?:[^\n'`]|\\\n)* -d '(?<body>[^']*)'""")]
    private static partial Regex Example();

    [GeneratedRegex(@"\{\w+\}")]
    private static partial Regex Parameter();
}
