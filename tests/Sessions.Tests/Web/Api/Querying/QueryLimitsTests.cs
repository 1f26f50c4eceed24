using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using Microsoft.AspNetCore.Builder;
using Npgsql;

namespace Sessions.Tests.Web.Api.Querying;

/// <summary>A query that takes too long is canceled, and a query waits a limited time for others.</summary>
public sealed class QueryLimitsTests(TestGateway gateway) : IClassFixture<TestGateway>
{
    private const string Endless = "select count(*) from generate_series(1, 1e17::bigint) i";

    [Fact]
    public async Task A_query_that_takes_too_long_gets_504_and_is_canceled_in_Postgres()
    {
        await using WebApplication app = await Start(("Sessions:Sql:Timeout", "00:00:00.3"), ("Sessions:Query:Timeout", "00:00:00.001"));
        using HttpClient program = Program(app);

        using HttpResponseMessage sql = await program.PostAsJsonAsync("/api/sql", new { query = Endless });
        using HttpResponseMessage query = await program.PostAsync(
            "/api/query",
            new StringContent($$"""{"series":[{{string.Join(',', Enumerable.Repeat("""{"event":null,"math":"unique_users"}""", 26))}}]}"""));

        Assert.Equal((HttpStatusCode.GatewayTimeout, HttpStatusCode.GatewayTimeout), (sql.StatusCode, query.StatusCode));
        Assert.Equal("application/problem+json", sql.Content.Headers.ContentType!.MediaType);
        await Until(running: 0);
    }

    [Fact]
    public async Task A_query_that_waits_too_long_for_others_gets_503()
    {
        await using WebApplication app = await Start(("Sessions:Sql:AtOnce", "1"), ("Sessions:Sql:WaitForTurn", "00:00:00"));
        using HttpClient program = Program(app);
        using CancellationTokenSource leave = new();
        Task first = program.PostAsJsonAsync("/api/sql", new { query = Endless }, leave.Token);
        await Until(running: 1);

        using HttpResponseMessage second = await program.PostAsJsonAsync("/api/sql", new { query = "select 1" });

        Assert.Equal(HttpStatusCode.ServiceUnavailable, second.StatusCode);
        Assert.NotNull(second.Headers.RetryAfter);
        await leave.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        await Until(running: 0);
    }

    private Task<WebApplication> Start(params (string Name, string Value)[] settings) =>
        gateway.StartAnother(settings: settings.ToDictionary(setting => setting.Name, setting => (string?)setting.Value));

    private HttpClient Program(WebApplication app)
    {
        HttpClient program = new() { BaseAddress = new Uri(app.Urls.First()) };
        program.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", gateway.Ours.ApiKey);
        return program;
    }

    private async Task Until(long running)
    {
        await using NpgsqlCommand count = gateway.Database.CreateCommand(
            "select count(*) from pg_stat_activity where state = 'active' and query like '%1e17%' and pid <> pg_backend_pid()");
        while ((long)(await count.ExecuteScalarAsync())! != running)
        {
            await Task.Delay(10);
        }
    }
}
