using System.Net;
using System.Text.Json;
using static Sessions.Tests.Gateway.Capture.Bodies;

namespace Sessions.Tests.Gateway.Capture;

/// <summary>
/// Which token counts, and how it is read. Who sends a body says once for all of it whose it is; what else has the name of
/// a token is the customer's own. A token comes by copy and paste, so it may have white space around it, wherever it is.
/// </summary>
public sealed class TokenTests
{
    [Theory]
    [InlineData("""{"api_key":"phc_good","batch":[{"event":"a","distinct_id":"anna","api_key":"phc_bad"}]}""")]
    [InlineData("""{"api_key":"phc_good","batch":[{"event":"a","distinct_id":"anna","token":"phc_bad"},{"event":"b","distinct_id":"anna","$token":"phx_x"}]}""")]
    [InlineData("""{"batch":[{"event":"a","distinct_id":"anna","token":"phc_bad"}],"token":"phc_good"}""")]
    [InlineData("""{"api_key":"phc_good","batch":[{"event":"password reset","distinct_id":"anna","properties":{"token":"secret"}}]}""")]
    [InlineData("""{"token":"phc_good","event":"password reset","distinct_id":"anna","properties":{"token":"secret"}}""")]
    public void The_token_of_the_whole_body_counts_alone(string body) => Assert.Equal(Project, Taken(Parse(body)).Project);

    [Theory]
    [InlineData("""{"api_key":"phc_bad","batch":[{"event":"a","distinct_id":"anna","api_key":"phc_good"}]}""")]
    [InlineData("""{"batch":[{"event":"a","distinct_id":"anna","token":"phc_good"},{"event":"b","distinct_id":"anna","token":"phc_bad"}]}""")]
    [InlineData("""[{"event":"a","distinct_id":"anna","token":"phc_good "},{"event":"b","properties":{"distinct_id":"anna","token":" phc_bad"}}]""")]
    [InlineData("""{"api_key":" ","batch":[{"event":"a","distinct_id":"anna"}]}""")]
    [InlineData("""{"api_key":"phc_ good","batch":[{"event":"a","distinct_id":"anna"}]}""")]
    [InlineData("""{"api_key":" phx_personal","batch":[{"event":"a","distinct_id":"anna"}]}""")]
    public void Another_token_for_the_body_or_two_among_its_events_are_401(string body) => Assert.Equal(401, Status(Parse(body)));

    [Theory]
    [InlineData("""{"batch":[{"event":"a","distinct_id":"anna","token":"phc_good"},{"event":"b","properties":{"distinct_id":"anna","token":"phc_good"}}]}""")]
    [InlineData("""{"api_key":"","batch":[{"event":"a","properties":{"distinct_id":"anna","token":"phc_good"}}]}""")]
    [InlineData("""{"api_key":" \t","batch":[{"event":"a","distinct_id":"anna","token":"phc_good"}]}""")]
    [InlineData("""{"api_key":null,"batch":[{"event":"a","distinct_id":"anna"},{"event":"b","distinct_id":"anna","token":"phc_good"}]}""")]
    public void Without_a_token_on_the_envelope_that_of_its_events_counts(string body) =>
        Assert.Equal(Project, Taken(Parse(body)).Project);

    [Theory]
    [InlineData("""{"api_key":" phc_good","batch":[{"event":"a","distinct_id":"anna"}]}""")]
    [InlineData("""{"event":"a","distinct_id":"anna","token":"phc_good\n"}""")]
    [InlineData("""{"event":"a","distinct_id":"anna","$token":"\t phc_good\r\n "}""")]
    [InlineData("""{"event":"a","properties":{"distinct_id":"anna","token":"\u00a0phc_good\u00a0"}}""")]
    [InlineData("""[{"event":"a","distinct_id":"anna","token":"phc_good "},{"event":"b","properties":{"distinct_id":"anna","token":" phc_good"}}]""")]
    public void White_space_around_a_token_is_trimmed(string body) => Assert.Equal(Project, Taken(Parse(body)).Project);

    [Fact]
    public async Task White_space_around_a_token_is_trimmed_on_every_path()
    {
        await using CaptureServer server = await CaptureServer.Start();
        const string Event = """{"api_key":" phc_good\n","event":"a","distinct_id":"anna"}""";
        const string Asked = """{"token":"phc_good ","distinct_id":"anna"}""";
        string snapshot = $$$$"""
            [{"event":"$snapshot","api_key":"\tphc_good","properties":{"distinct_id":"anna","$session_id":"{{{{Guid.CreateVersion7()}}}}","$window_id":"w","$snapshot_data":[{"type":4,"timestamp":{{{{DateTimeOffset.UtcNow.ToUnixTimeMilliseconds()}}}},"data":{"href":"https://shop.example/"}}]}}]
            """;
        (string Path, byte[] Body, string ContentType)[] requests =
        [
            ("/e/", Utf8(Event), "text/plain"),
            ("/batch/", Gzip(Event), "text/plain"),
            ("/e/", Form(Utf8(Event)), "application/x-www-form-urlencoded"),
            ("/e/?data=" + Uri.EscapeDataString(Convert.ToBase64String(Utf8(Event))), [], "text/plain"),
            ("/s/", Utf8(snapshot), "application/json"),
            ("/flags/?v=2", Utf8(Asked), "application/json"),
            ("/decide/?v=3", Form(Utf8(Asked)), "application/x-www-form-urlencoded"),
        ];
        foreach ((string path, byte[] body, string contentType) in requests)
        {
            using HttpResponseMessage answer = await server.Post(path, body, contentType);
            Assert.True(answer.StatusCode == HttpStatusCode.OK, $"{path}: {await answer.Content.ReadAsStringAsync()}");
        }

        using JsonDocument config = JsonDocument.Parse(await server.Client.GetStringAsync("/array/%20phc_good%0A/config"));
        Assert.True(config.RootElement.TryGetProperty("sessionRecording", out _));
    }

    [Fact]
    public async Task The_script_of_the_remote_config_answers_by_the_spelling_that_asked()
    {
        await using CaptureServer server = await CaptureServer.Start();
        // posthog-js looks for its own, as its site wrote it.
        Assert.Contains(
            "window._POSTHOG_REMOTE_CONFIG[\"phc_good \"]",
            await server.Client.GetStringAsync("/array/phc_good%20/config.js"),
            StringComparison.Ordinal);
    }
}
