using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Sessions.Run.Import;

namespace Sessions.Tests.Run.Import;

/// <summary>An import into a project with quotas.</summary>
public sealed class ImportQuotaTests
{
    private static readonly ReadOnlyMemory<byte>[] Events = ["""{"event":"a","distinct_id":"anna"}"""u8.ToArray()];

    [Fact]
    public async Task An_import_over_a_rate_waits_and_goes_on()
    {
        Answers answers = new(Refused("""{"status":429}"""), Refused("""{"status":429}"""), new HttpResponseMessage { Content = new StringContent("""{"status":"Ok"}""") });
        using HttpClient http = new(answers) { BaseAddress = new Uri("http://gateway") };

        IReadOnlyList<string> refused = await new ImportPost(http, "token", TimeProvider.System).Send(Events, TestContext.Current.CancellationToken);

        Assert.Empty(refused);
        Assert.Equal(3, answers.Asked);
    }

    [Fact]
    public async Task An_import_over_the_quota_of_a_day_stops_and_says_how_to_go_on()
    {
        Answers answers = new(Refused("""{"status":429,"quota_limited":["events"]}"""));
        using HttpClient http = new(answers) { BaseAddress = new Uri("http://gateway") };

        var stopped = await Assert.ThrowsAsync<InvalidOperationException>(
            () => new ImportPost(http, "token", TimeProvider.System).Send(Events, TestContext.Current.CancellationToken));

        Assert.Contains("quota of the day", stopped.Message, StringComparison.Ordinal);
        Assert.Equal(1, answers.Asked);
    }

    private static HttpResponseMessage Refused(string body)
    {
        HttpResponseMessage answer = new(HttpStatusCode.TooManyRequests) { Content = new StringContent(body, Encoding.UTF8, "application/problem+json") };
        answer.Headers.RetryAfter = new RetryConditionHeaderValue(TimeSpan.Zero);
        return answer;
    }

    private sealed class Answers(params HttpResponseMessage[] answers) : HttpMessageHandler
    {
        public int Asked { get; private set; }

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            Task.FromResult(answers[Asked++]);
    }
}
