using System.Net;
using System.Net.Http.Headers;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Sessions.Web.Api;
using Sessions.Web.Browsing;

namespace Sessions.Tests.Web.Api;

/// <summary>
/// Lists of sessions and events wait for their turn, as queries do: a filter can make a list expensive, and without turns a
/// hundred of them would take all connections and processors.
/// </summary>
public sealed class ListLimitTests(TestGateway gateway) : IClassFixture<TestGateway>
{
    private const string Session = "0198c0de-0000-7000-8000-000000000001";

    [Theory]
    [InlineData("/api/sessions")]
    [InlineData("/api/live")]
    [InlineData($"/api/sessions/{Session}/events")]
    public async Task A_list_that_waits_too_long_for_its_turn_gets_503(string path)
    {
        await using WebApplication app = await Start(("Sessions:Lists:AtOnce", "1"), ("Sessions:Lists:WaitForTurn", "00:00:00"));
        using HttpClient program = Program(app);
        TaskCompletionSource<int> other = new();
        Task<Outcome<int>> running = app.Services.GetRequiredService<ListConcurrencyLimit>().Run(_ => other.Task, TestContext.Current.CancellationToken);

        using HttpResponseMessage refused = await program.GetAsync(path);
        other.SetResult(1);
        await running;
        using HttpResponseMessage taken = await program.GetAsync(path);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
        Assert.NotNull(refused.Headers.RetryAfter);
        Assert.NotEqual(HttpStatusCode.ServiceUnavailable, taken.StatusCode);
    }

    [Theory]
    [InlineData("/api/sessions")]
    [InlineData("/api/live")]
    [InlineData($"/api/sessions/{Session}/events")]
    public async Task A_list_that_takes_too_long_gets_504(string path)
    {
        await using WebApplication app = await Start(("Sessions:Lists:Timeout", "00:00:00.001"));
        using HttpClient program = Program(app);

        using HttpResponseMessage answer = await program.GetAsync(path);

        Assert.Equal(HttpStatusCode.GatewayTimeout, answer.StatusCode);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType!.MediaType);
    }

    private Task<WebApplication> Start(params (string Name, string Value)[] settings) =>
        gateway.StartAnother(settings: settings.ToDictionary(setting => setting.Name, setting => (string?)setting.Value));

    private HttpClient Program(WebApplication app)
    {
        HttpClient program = new() { BaseAddress = new Uri(app.Urls.First()) };
        program.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", gateway.Ours.ApiKey);
        return program;
    }
}
