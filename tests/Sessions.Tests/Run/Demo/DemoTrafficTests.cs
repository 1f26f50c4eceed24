using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Time.Testing;
using Sessions.Run.Demo;

namespace Sessions.Tests.Run.Demo;

/// <summary>The demo's visitors send until the gateway takes what they send, or refuses it.</summary>
public sealed class DemoTrafficTests : IDisposable
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(60);

    // It moves by itself, so that each wait of a second is over at once.
    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2026, 5, 4, 12, 0, 0, TimeSpan.Zero)) { AutoAdvanceAmount = TimeSpan.FromMilliseconds(1) };
    private readonly CancellationTokenSource _stop = new();
    private readonly List<string> _said = [];

    public void Dispose() => _stop.Dispose();

    [Theory]
    [InlineData(HttpStatusCode.ServiceUnavailable)]
    [InlineData(HttpStatusCode.TooManyRequests)]
    [InlineData(HttpStatusCode.InternalServerError)]
    [InlineData(null)]
    public async Task A_gateway_that_can_not_take_visits_for_minutes_gets_each_of_them_once_it_can(HttpStatusCode? answer)
    {
        // No answer at all comes as an exception of the network.
        Gateway gateway = new((_, turn) => turn is < 100 or (> 110 and < 120)
            ? answer is { } status ? status : throw new HttpRequestException("Connection refused")
            : HttpStatusCode.OK);

        int? events = null;
        await RunUntil(gateway, () => (events ??= _said.Exists(IsStored) ? EventsOf(gateway) : null) is not null);

        Assert.Equal("PUT /api/project", gateway.Taken[0].Path);
        Assert.Contains(string.Create(CultureInfo.InvariantCulture, $"({events:N0} events)"), _said.Single(IsStored), StringComparison.Ordinal);
        Assert.Equal(2, _said.Count(line => line.Contains("tries again every second", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_request_without_an_answer_is_sent_again()
    {
        Gateway gateway = new((_, turn) => turn < 2 ? throw new TaskCanceledException("The request timed out.") : HttpStatusCode.OK);

        await RunUntil(gateway, () => gateway.Taken.Count > 0);

        Assert.Contains("no answer within 30 seconds", Assert.Single(_said, line => line.Contains("again", StringComparison.Ordinal)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(HttpStatusCode.Unauthorized)]
    [InlineData(HttpStatusCode.BadRequest)]
    public async Task A_refusal_ends_the_demo_and_says_what_was_refused(HttpStatusCode status)
    {
        Gateway gateway = new((_, _) => status);
        using DemoTraffic traffic = new("http://gateway.example", "token", "key", _clock, gateway);

        await traffic.Run(_said.Add, _stop.Token).WaitAsync(Bound, TestContext.Current.CancellationToken);

        Assert.Equal(
            $"demo: stopped, because the gateway refused what it sent: PUT /api/project was answered with {(int)status}", Assert.Single(_said));
    }

    private static bool IsStored(string line) => line.Contains("are stored", StringComparison.Ordinal);

    private static int EventsOf(Gateway gateway) =>
        gateway.Taken.Where(taken => taken.Path == "POST /batch/").Sum(taken => taken.Body!["batch"]!.AsArray().Count)
        + gateway.Taken.Where(taken => taken.Path == "POST /s/").Sum(taken => taken.Body!.AsArray().Count);

    private async Task RunUntil(Gateway gateway, Func<bool> isOver)
    {
        gateway.Answered = () =>
        {
            if (isOver())
            {
                _stop.Cancel();
            }
        };
        using DemoTraffic traffic = new("http://gateway.example", "token", "key", _clock, gateway);
        Task running = traffic.Run(
            line =>
            {
                _said.Add(line);
                gateway.Answered();
            },
            _stop.Token);
        long begun = TimeProvider.System.GetTimestamp();
        while (!running.IsCompleted)
        {
            Assert.True(TimeProvider.System.GetElapsedTime(begun) < Bound, string.Join(Environment.NewLine, _said));
            _clock.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }

        await running;
    }

    /// <summary>A gateway that answers each request with the status that a function gives, and keeps those that it took.</summary>
    private sealed class Gateway(Func<HttpRequestMessage, int, HttpStatusCode> answer) : HttpMessageHandler
    {
        private int _turn;

        public List<(string Path, JsonNode? Body)> Taken { get; } = [];

        public Action Answered { get; set; } = () => { };

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            HttpStatusCode status = answer(request, _turn++);
            if (status == HttpStatusCode.OK)
            {
                Taken.Add(($"{request.Method} {request.RequestUri!.AbsolutePath}", JsonNode.Parse(await request.Content!.ReadAsStringAsync(cancellationToken))));
                Answered();
            }

            return new HttpResponseMessage(status);
        }
    }
}
