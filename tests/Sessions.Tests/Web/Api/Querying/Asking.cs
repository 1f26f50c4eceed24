using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace Sessions.Tests.Web.Api.Querying;

/// <summary>A project with rows, and a program that asks about them.</summary>
internal sealed class Asking(TestGateway gateway) : IDisposable
{
    private readonly TestGateway.Project _project = gateway.NextProject();
    private HttpClient? _program;

    public string Project => _project.Id;

    public HttpClient Program => _program ??= gateway.Program(_project.ApiKey);

    /// <summary>From now on another gateway is asked.</summary>
    public void Ask(string address)
    {
        _program?.Dispose();
        _program = TestGateway.ProgramAt(address, _project.ApiKey);
    }

    public static async Task<Asking> About(TestGateway gateway, params StoredSession[] sessions)
    {
        Asking asking = new(gateway);
        await StoredSession.Write(gateway.Database, asking.Project, sessions);
        return asking;
    }

    /// <summary>The results of a query that is right.</summary>
    public async Task<JsonArray> Query(string query)
    {
        using HttpResponseMessage answer = await Post("/api/query", query);
        string body = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.StatusCode == HttpStatusCode.OK, $"{(int)answer.StatusCode} {body}\n{query}");
        return JsonNode.Parse(body)!["results"]!.AsArray();
    }

    /// <summary>The only result's value over the whole range.</summary>
    public async Task<double?> Value(string query) => (double?)Assert.Single(await Query(query))!["value"];

    /// <summary>The field that is wrong in a query.</summary>
    public async Task<string?> WrongField(string query)
    {
        using HttpResponseMessage answer = await Post("/api/query", query);
        string body = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.StatusCode == HttpStatusCode.BadRequest, $"{(int)answer.StatusCode} {body}");
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType!.MediaType);
        return (string?)JsonNode.Parse(body)!["field"];
    }

    public Task<HttpResponseMessage> Sql(string query, string? accept = null, CancellationToken cancellation = default)
    {
        HttpRequestMessage request = new(HttpMethod.Post, "/api/sql") { Content = JsonContent.Create(new { query }) };
        if (accept is not null)
        {
            request.Headers.Add("Accept", accept);
        }

        return Program.SendAsync(request, cancellation);
    }

    public Task<HttpResponseMessage> Post(string path, string json) =>
        Program.PostAsync(path, new StringContent(json, System.Text.Encoding.UTF8, "application/json"));

    public void Dispose() => _program?.Dispose();
}
