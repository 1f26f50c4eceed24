using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace Sessions.Tests.Web.Api;

/// <summary>The schemas of <c>/openapi/v1.json</c> are complete, and real answers match them.</summary>
public sealed class OpenApiTests(TestGateway gateway) : IClassFixture<TestGateway>
{
    [Fact]
    public async Task Every_call_has_an_answer_and_a_body_with_described_members()
    {
        JsonNode description = await Read();
        SchemaCheck check = new(description);
        int bodies = 0;
        foreach ((string name, JsonObject call) in Calls(description))
        {
            JsonNode? content = (call["responses"]!["200"] ?? call["responses"]!["201"] ?? call["responses"]!["202"])?["content"];
            Assert.True(content is not null || (name.StartsWith("delete", StringComparison.Ordinal) && call["responses"]!["204"] is not null), name);
            if (content?["application/json"] is { } answer)
            {
                Assert.True(check.Resolve(answer["schema"]!)["properties"] is JsonObject { Count: > 0 }, $"{name} answers anything");
            }

            if (call["requestBody"] is { } body)
            {
                bodies++;
                Assert.True(
                    check.Resolve(body["content"]!["application/json"]!["schema"]!)["properties"] is JsonObject { Count: > 0 }, $"{name} takes anything");
            }
        }

        Assert.True(bodies > 5, $"{bodies} calls have a body");
    }

    [Fact]
    public async Task Every_list_says_what_is_in_it_and_every_schema_says_what_it_is()
    {
        JsonObject schemas = (await Read())["components"]!["schemas"]!.AsObject();

        Assert.Empty(schemas.SelectMany(schema => ListsOfAnything(schema.Value!, schema.Key)));
        Assert.All(
            schemas.Where(schema => !schema.Key.EndsWith("Page", StringComparison.Ordinal) && schema.Key != nameof(Microsoft.AspNetCore.Mvc.ProblemDetails)),
            schema => Assert.True(schema.Value!["description"] is not null, $"{schema.Key} has no description"));
        Assert.Equal("#/components/schemas/Session", (string?)schemas["SessionPage"]!["properties"]!["results"]!["items"]!["$ref"]);
        Assert.Equal("string", (string?)schemas["KeyRequest"]!["properties"]!["name"]!["type"]);
    }

    [Fact]
    public async Task Real_answers_match_the_description()
    {
        JsonNode description = await Read();
        SchemaCheck check = new(description);
        TestGateway.Project project = gateway.NextProject();
        // The operator's key is the one that may call everything.
        using HttpClient program = gateway.Program(TestGateway.OperatorKey);
        program.DefaultRequestHeaders.Add("X-Project", project.Id);
        Dictionary<string, string> known = await Fill(program, project);
        known["/api/projects/{id}"] = $"/api/projects/{project.Id}";
        List<string> read = [];
        foreach ((string name, JsonObject call) in Calls(description).Where(call => call.Name.StartsWith("get ", StringComparison.Ordinal)))
        {
            if (call["responses"]!["200"]!["content"]?["application/json"]?["schema"] is not { } schema)
            {
                continue;
            }

            string path = name["get ".Length..];
            path = known.GetValueOrDefault(
                path, known.Where(one => one.Key.Contains('{')).Aggregate(path, (text, one) => text.Replace(one.Key, one.Value, StringComparison.Ordinal)));
            using HttpResponseMessage answer = await program.GetAsync(path);
            string text = await answer.Content.ReadAsStringAsync();
            Assert.True(answer.StatusCode == HttpStatusCode.OK, $"{path}: {text}");
            Assert.Empty(check.Faults(schema, JsonNode.Parse(text)).Select(fault => $"{name}: {fault}"));
            read.Add(name);
        }

        Assert.Contains("get /api/project", read);
        Assert.Contains("get /api/audit", read);
        Assert.True(read.Count > 12, string.Join(", ", read));
    }

    [Fact]
    public async Task Answers_of_calls_that_change_something_match_the_description()
    {
        JsonNode description = await Read();
        TestGateway.Project project = gateway.NextProject();
        using HttpClient program = gateway.Program(project.ApiKey);
        await Fill(program, project);

        await Expect("put /api/project", await program.PutAsJsonAsync("/api/project", new { name = "Shop" }));
        await Expect("post /api/project/keys", await program.PostAsJsonAsync("/api/project/keys", new { name = "b", role = "admin" }));
        using HttpResponseMessage made = await program.PostAsJsonAsync("/api/project/webhooks", new { url = "https://hooks.example/b" });
        await Expect("post /api/project/webhooks", made);
        string hook = $"/api/project/webhooks/{JsonNode.Parse(await made.Content.ReadAsStringAsync())!["id"]}";
        await Expect("put /api/project/webhooks/{id}", await program.PutAsJsonAsync(hook, new { active = true }));
        await Expect("post /api/project/webhooks/{id}/secret", await program.PostAsync($"{hook}/secret", null));
        await Expect("post /api/project/webhooks/{id}/test", await program.PostAsync($"{hook}/test", null));
        await Expect("post /api/project/webhooks/{id}/deliveries/redeliver", await program.PostAsync($"{hook}/deliveries/redeliver", null));
        await Expect("post /api/devices/{key}/reset", await program.PostAsync("/api/devices/ann/reset", null));
        await Expect("post /api/query", await program.PostAsJsonAsync("/api/query", new
        {
            date_from = "-1d",
            series = new[] { new { @event = "$pageview", math = "total" } },
            breakdown = new { property = "$entry_pathname" },
            compare = true,
        }));
        await Expect("post /api/sql", await program.PostAsJsonAsync("/api/sql", new { query = "select 1 as one, 'two' as two" }));
        await Expect("delete /api/persons/{distinct_id}", await program.DeleteAsync("/api/persons/ann"));

        async Task Expect(string name, HttpResponseMessage answer)
        {
            string text = await answer.Content.ReadAsStringAsync();
            Assert.True(answer.IsSuccessStatusCode, $"{name}: {text}");
            JsonObject call = Calls(description).Single(one => one.Name == name).Call;
            JsonNode schema = call["responses"]!["200"]!["content"]!["application/json"]!["schema"]!;
            Assert.Empty(new SchemaCheck(description).Faults(schema, JsonNode.Parse(text)).Select(fault => $"{name}: {fault}"));
        }
    }

    [Fact]
    public async Task The_schema_check_finds_a_wrong_type_an_extra_member_and_a_missing_member()
    {
        JsonNode description = await Read();
        JsonNode schema = description["components"]!["schemas"]!["Key"]!;
        SchemaCheck check = new(description);
        JsonObject right = JsonNode.Parse(
            """{"id":null,"name":"a","role":"read","ending":null,"created_at":"2026-01-15T12:00:00.000Z","expires_at":null,"last_used_at":null}""")!.AsObject();

        Assert.Empty(check.Faults(schema, right));
        Assert.Equal(["$.name must be string: 7"], check.Faults(schema, With("name", 7)));
        Assert.Equal(["""$.role is no known word: "owner" """.TrimEnd()], check.Faults(schema, With("role", "owner")));
        Assert.Equal(["$.colour is not described"], check.Faults(schema, With("colour", "red")));
        right.Remove("name");
        Assert.Equal(["$.name is missing"], check.Faults(schema, right));

        JsonObject With(string name, JsonNode value)
        {
            JsonObject other = right.DeepClone().AsObject();
            other[name] = value;
            return other;
        }
    }

    /// <summary>Fills a project, so that lists have something in them, and says what stands for the names in paths.</summary>
    private async Task<Dictionary<string, string>> Fill(HttpClient program, TestGateway.Project project)
    {
        Guid session = Guid.CreateVersion7();
        using HttpResponseMessage captured = await program.PostAsJsonAsync("/i/v0/e/", new
        {
            api_key = project.Token,
            @event = "$pageview",
            uuid = Guid.NewGuid(),
            distinct_id = "ann",
            properties = new Dictionary<string, object> { ["$session_id"] = session, ["$current_url"] = "https://shop.example/a" },
        });
        captured.EnsureSuccessStatusCode();
        using HttpResponseMessage set = await program.PutAsJsonAsync("/api/project", new
        {
            channel_rules = new[] { new { id = "1", combiner = "AND", items = new[] { new { key = "url", op = "is_set" } }, channel_type = "Own" } },
            path_cleaning = new[] { new { regex = "[0-9]+", replacement = ":id" } },
            ignored_referrers = new[] { "auth0.com" },
        });
        set.EnsureSuccessStatusCode();
        using HttpResponseMessage key = await program.PostAsJsonAsync("/api/project/keys", new { name = "a", role = "read" });
        key.EnsureSuccessStatusCode();
        using HttpResponseMessage hook = await program.PostAsJsonAsync("/api/project/webhooks", new { url = "https://hooks.example/a" });
        string webhook = (string)JsonNode.Parse(await hook.Content.ReadAsStringAsync())!["id"]!;
        using HttpResponseMessage tested = await program.PostAsync($"/api/project/webhooks/{webhook}/test", null);
        tested.EnsureSuccessStatusCode();
        using HttpResponseMessage deleted = await program.DeleteAsync("/api/persons/nobody");
        string deletion = (string)JsonNode.Parse(await deleted.Content.ReadAsStringAsync())!["id"]!;
        return new Dictionary<string, string>
        {
            ["/sessions/{id}"] = $"/sessions/{session}",
            ["/webhooks/{id}"] = $"/webhooks/{webhook}",
            ["/deletions/{id}"] = $"/deletions/{deletion}",
            ["/devices/{key}"] = "/devices/ann",
            ["{tile}"] = "entry_path",
            // The calls that take an id as a parameter, for ids that no path can carry.
            ["/api/devices"] = "/api/devices?key=ann",
            ["/api/persons"] = "/api/persons?distinct_id=ann",
        };
    }

    private static IEnumerable<string> ListsOfAnything(JsonNode schema, string place) => schema switch
    {
        JsonObject members =>
        [
            .. members["type"]?.ToJsonString().Contains("\"array\"", StringComparison.Ordinal) == true && members["items"] is null
                ? [place]
                : (string[])[],
            .. members.Where(member => member.Value is not null).SelectMany(member => ListsOfAnything(member.Value!, $"{place}.{member.Key}")),
        ],
        JsonArray items => items.Where(item => item is not null).SelectMany(item => ListsOfAnything(item!, place)),
        _ => [],
    };

    private static IEnumerable<(string Name, JsonObject Call)> Calls(JsonNode description) =>
        from path in description["paths"]!.AsObject()
        where path.Key.StartsWith("/api/", StringComparison.Ordinal)
        from call in path.Value!.AsObject()
        select ($"{call.Key} {path.Key}", call.Value!.AsObject());

    private async Task<JsonNode> Read()
    {
        using HttpClient program = gateway.Program(apiKey: null);
        return JsonNode.Parse(await program.GetStringAsync("/openapi/v1.json"))!;
    }
}
