using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Sessions.Tests.Web.Api;

/// <summary>The description <c>/openapi/v1.json</c> is compared with the real calls.</summary>
public sealed class DescriptionTests(TestGateway gateway) : IClassFixture<TestGateway>
{
    [Fact]
    public async Task Every_call_is_in_the_description_with_its_answers()
    {
        JsonNode description = await Read();
        await using WebApplication app = await gateway.StartAnother();

        string[] mapped =
        [
            .. app.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
                .Where(endpoint => endpoint.RoutePattern.RawText!.StartsWith("/api/", StringComparison.Ordinal)
                    && endpoint.Metadata.GetMetadata<IEndpointNameMetadata>() is not null)
                .SelectMany(endpoint => endpoint.Metadata.GetMetadata<HttpMethodMetadata>()!.HttpMethods
                    .Select(method => $"{method} {endpoint.RoutePattern.RawText}"))
                .Order(StringComparer.Ordinal),
        ];
        string[] described =
        [
            .. description["paths"]!.AsObject().Where(path => path.Key.StartsWith("/api/", StringComparison.Ordinal))
                .SelectMany(path => path.Value!.AsObject().Select(call => $"{call.Key.ToUpperInvariant()} {path.Key}"))
                .Order(StringComparer.Ordinal),
        ];

        Assert.NotEmpty(mapped);
        Assert.Equal(mapped, described);
        foreach ((string path, JsonNode? calls) in description["paths"]!.AsObject().Where(path => path.Key.StartsWith("/api/", StringComparison.Ordinal)))
        {
            foreach ((string method, JsonNode? call) in calls!.AsObject())
            {
                JsonNode answers = call!["responses"]!;
                Assert.True((answers["200"] ?? answers["201"] ?? answers["202"])?["content"] is not null || (method is "delete" && answers["204"] is not null), $"{method} {path} has no answer");
                // Where nothing can be said, nothing can be said wrong; but a GET refuses parameters that it does not know.
                bool takesAnything = method is "get" || call["parameters"] is not null || call["requestBody"] is not null;
                string[] problems = takesAnything ? ["400", "401", "503"] : ["401", "503"];
                Assert.All(problems, status => Assert.True(answers[status] is not null, $"{method} {path} has no {status}"));
                Assert.True(method is "get" or "delete" || TakesNoBody(path) || call["requestBody"] is not null, $"{method} {path} has no body");
            }
        }
    }

    [Fact]
    public async Task Every_schema_that_the_description_refers_to_exists()
    {
        JsonNode description = await Read();

        string[] referred = [.. Regex.Matches(description.ToJsonString(), """"\$ref":"#/components/schemas/(\w+)"""").Select(match => match.Groups[1].Value).Distinct()];

        Assert.Contains("QueryResult", referred);
        Assert.All(referred, name => Assert.NotNull(description["components"]!["schemas"]![name]));
    }

    [Fact]
    public async Task Every_call_is_in_the_documentation()
    {
        HashSet<string> documented = [.. CallsOf(await File.ReadAllTextAsync(DocumentationFile()))];

        string[] forgotten =
        [
            .. (await Read())["paths"]!.AsObject().Where(path => path.Key.StartsWith("/api/", StringComparison.Ordinal))
                .SelectMany(path => path.Value!.AsObject().Select(call => $"{call.Key.ToUpperInvariant()} {path.Key}"))
                .Where(call => !documented.Contains(call)),
        ];

        Assert.Empty(forgotten);
    }

    /// <summary>The calls of the rows of a table: <c>METHOD path</c>, where a method alone is of the path before it.</summary>
    private static IEnumerable<string> CallsOf(string page)
    {
        foreach (string row in page.Split('\n').Where(line => line.StartsWith('|')))
        {
            string path = "";
            foreach (Match call in Regex.Matches(row.Split('|')[1], "`(GET|POST|PUT|PATCH|DELETE)(?: (/[^`]+))?`"))
            {
                path = call.Groups[2].Success ? call.Groups[2].Value : path;
                yield return $"{call.Groups[1].Value} {path}";
            }
        }
    }

    private static string DocumentationFile([CallerFilePath] string here = "") =>
        Path.Combine(Path.GetDirectoryName(here)!, "..", "..", "..", "..", "docs", "api.md");

    /// <summary>What is done by asking for it, with nothing more to say.</summary>
    private static bool TakesNoBody(string path) =>
        path.Split('/')[^1] is "reset" or "secret" or "test" or "redeliver";

    private async Task<JsonNode> Read()
    {
        using HttpClient program = gateway.Program(apiKey: null);
        return JsonNode.Parse(await program.GetStringAsync("/openapi/v1.json"))!;
    }
}
