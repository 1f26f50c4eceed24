using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Sessions.Silo.Live;

namespace Sessions.Tests.Web.Api;

/// <summary>The stream of live sessions, read as a browser's EventSource does.</summary>
public sealed class LiveStreamTests(TestGateway gateway) : IClassFixture<TestGateway>
{
    [Fact]
    public async Task The_stream_reports_a_sessions_start_updates_and_end()
    {
        TestGateway.Project project = gateway.NextProject();
        using HttpClient program = gateway.Program(project.ApiKey);
        using Listener listener = await Listener.Open(program);
        Guid session = Guid.CreateVersion7();

        await Capture(program, project, "ann", session);
        (string started, JsonNode first) = await listener.Next();
        await Capture(program, project, "ann", session);
        (string updated, JsonNode second) = await listener.Next();
        await program.PostAsync("/api/devices/ann/reset", content: null);
        (string ended, JsonNode last) = await listener.Next();

        Assert.Equal(("session_started", "session_updated", "session_ended"), (started, updated, ended));
        Assert.Equal((session.ToString(), 1), ((string)first["$session_id"]!, (int)first["$event_count"]!));
        Assert.Equal((2, "live"), ((int)second["$event_count"]!, (string)second["status"]!));
        Assert.Equal(("ended", "reset"), ((string)last["status"]!, (string)last["end_reason"]!));
    }

    [Fact]
    public async Task Many_simultaneous_events_give_one_message_that_counts_them_all()
    {
        TestGateway.Project project = gateway.NextProject();
        using HttpClient program = gateway.Program(project.ApiKey);
        using Listener listener = await Listener.Open(program);
        Guid session = Guid.CreateVersion7();

        await Task.WhenAll(Enumerable.Range(0, 40).Select(_ => Capture(program, project, "ann", session)));
        List<string> names = [];
        JsonNode told;
        do
        {
            (string name, told) = await listener.Next();
            names.Add(name);
        }
        while ((int)told["$event_count"]! < 40);

        Assert.Equal("session_started", names[0]);
        Assert.True(names.Count < 40, $"{names.Count} messages for 40 events");
    }

    [Fact]
    public async Task A_stream_of_one_project_has_nothing_of_another()
    {
        TestGateway.Project ours = gateway.NextProject(), theirs = gateway.NextProject();
        using HttpClient program = gateway.Program(ours.ApiKey), other = gateway.Program(theirs.ApiKey);
        using Listener listener = await Listener.Open(program);
        using Listener elsewhere = await Listener.Open(other);

        await Capture(other, theirs, "bob", Guid.CreateVersion7());
        await elsewhere.Next();
        await Capture(program, ours, "ann", Guid.CreateVersion7());

        Assert.Equal("ann", (string)(await listener.Next()).Session["distinct_id"]!);
    }

    [Fact]
    public async Task All_streams_get_the_same_through_one_subscription()
    {
        TestGateway.Project project = gateway.NextProject();
        using HttpClient program = gateway.Program(project.ApiKey);
        Listener[] listeners = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Listener.Open(program)));

        await Capture(program, project, "ann", Guid.CreateVersion7());
        (string Name, JsonNode Session)[] heard = await Task.WhenAll(listeners.Select(listener => listener.Next()));

        Assert.All(heard, one => Assert.Equal(("session_started", "ann"), (one.Name, (string)one.Session["distinct_id"]!)));
        Assert.Equal(1, gateway.Service<LiveFeed>().Subscriptions);
        Array.ForEach(listeners, listener => listener.Dispose());
    }

    [Fact]
    public async Task A_session_that_was_live_before_the_stream_is_updated_and_not_started()
    {
        TestGateway.Project project = gateway.NextProject();
        using HttpClient program = gateway.Program(project.ApiKey);
        Guid session = Guid.CreateVersion7();
        await Capture(program, project, "ann", session);
        using Listener listener = await Listener.Open(program);

        await Capture(program, project, "ann", session);

        Assert.Equal("session_updated", (await listener.Next()).Name);
    }

    [Fact]
    public async Task A_stream_without_a_key_is_refused()
    {
        using HttpClient nobody = gateway.Program(apiKey: null);

        Assert.Equal(HttpStatusCode.Unauthorized, (await nobody.GetAsync("/api/live/stream")).StatusCode);
    }

    private static async Task Capture(HttpClient program, TestGateway.Project project, string device, Guid session)
    {
        using HttpResponseMessage answer = await program.PostAsJsonAsync("/i/v0/e/", new Dictionary<string, object>
        {
            ["api_key"] = project.Token,
            ["event"] = "$pageview",
            ["distinct_id"] = device,
            ["uuid"] = Guid.CreateVersion7(),
            ["properties"] = new Dictionary<string, object> { ["$session_id"] = session, ["$current_url"] = "https://shop.example/" },
        });
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    /// <summary>An open stream.</summary>
    private sealed class Listener(HttpResponseMessage answer, StreamReader lines) : IDisposable
    {
        public static async Task<Listener> Open(HttpClient program)
        {
            HttpResponseMessage answer = await program.GetAsync(
                "/api/live/stream", HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
            Assert.Equal("text/event-stream", answer.Content.Headers.ContentType!.MediaType);
            StreamReader lines = new(await answer.Content.ReadAsStreamAsync());
            // What it says when it is open; from then on nothing is missed.
            Assert.StartsWith("retry:", await lines.ReadLineAsync(), StringComparison.Ordinal);
            return new Listener(answer, lines);
        }

        /// <summary>The next message, past signs of life.</summary>
        public async Task<(string Name, JsonNode Session)> Next()
        {
            string? name = null;
            while (await lines.ReadLineAsync(TestContext.Current.CancellationToken) is { } line)
            {
                if (line.StartsWith("event: ", StringComparison.Ordinal))
                {
                    name = line["event: ".Length..];
                }
                else if (line.StartsWith("data: ", StringComparison.Ordinal))
                {
                    return (name!, JsonNode.Parse(line["data: ".Length..])!);
                }
            }

            throw new EndOfStreamException("The stream has ended.");
        }

        public void Dispose()
        {
            lines.Dispose();
            answer.Dispose();
        }
    }
}
