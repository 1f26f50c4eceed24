using System.Net;
using System.Net.Http.Json;
using Microsoft.AspNetCore.Builder;

namespace Sessions.Tests.Web;

/// <summary>The settings <c>max_events_per_day</c> and <c>max_megabytes_per_day</c>, and the quotas of the server.</summary>
public sealed class QuotaSettingTests(TestGateway gateway) : IClassFixture<TestGateway>
{
    [Fact]
    public async Task A_projects_own_limit_refuses_its_events_and_keeps_those_before_and_those_of_others()
    {
        TestGateway.Project limited = gateway.NextProject(), other = gateway.NextProject();
        using HttpClient program = gateway.Program(limited.ApiKey);
        using (HttpResponseMessage set = await program.PutAsJsonAsync("/api/project", new { max_events_per_day = 2 }))
        {
            Assert.Equal(HttpStatusCode.OK, set.StatusCode);
        }

        HttpStatusCode[] answers = [await Send(limited), await Send(limited), await Send(limited)];
        Assert.Equal([HttpStatusCode.OK, HttpStatusCode.OK, HttpStatusCode.TooManyRequests], answers);
        Assert.Equal(HttpStatusCode.OK, await Send(other));
        using (HttpResponseMessage raised = await program.PutAsJsonAsync("/api/project", new { max_events_per_day = (long?)null }))
        {
            Assert.Equal(HttpStatusCode.OK, raised.StatusCode);
        }

        Assert.Equal(HttpStatusCode.OK, await Send(limited));
    }

    [Fact]
    public async Task Recordings_count_as_bytes_and_SDKs_are_told_to_stop_recording()
    {
        await using WebApplication app = await gateway.StartAnother(
            settings: new Dictionary<string, string?> { ["Sessions:Quota:BytesPerDay"] = "100" });
        TestGateway.Project project = gateway.NextProject();
        using HttpClient sdk = TestGateway.ProgramAt(app.Urls.First(), apiKey: null);
        await TestGateway.Until(async () => (await Record(sdk, project)).Status == HttpStatusCode.OK);

        (HttpStatusCode status, string body) = await Record(sdk, project);

        Assert.Equal(HttpStatusCode.TooManyRequests, status);
        Assert.Contains("\"quota_limited\":[\"recordings\"]", body, StringComparison.Ordinal);
    }

    private async Task<HttpStatusCode> Send(TestGateway.Project project)
    {
        using HttpClient sdk = gateway.Program(apiKey: null);
        using HttpResponseMessage answer = await sdk.PostAsJsonAsync(
            "/e/", new { api_key = project.Token, @event = "a", distinct_id = Guid.NewGuid().ToString() });
        return answer.StatusCode;
    }

    private static async Task<(HttpStatusCode Status, string Body)> Record(HttpClient sdk, TestGateway.Project project)
    {
        long now = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
        using StringContent body = new($$$$"""
            [{"event":"$snapshot","api_key":"{{{{project.Token}}}}","properties":{"distinct_id":"anna","$session_id":"{{{{Guid.CreateVersion7()}}}}","$window_id":"w","$snapshot_data":[{"type":4,"timestamp":{{{{now}}}},"data":{"href":"https://shop.example/"}}]}}]
            """);
        using HttpResponseMessage answer = await sdk.PostAsync("/s/", body);
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync());
    }
}
