using System.Net;
using System.Text.Json;
using static Sessions.Tests.Capture.Bodies;

namespace Sessions.Tests.Capture;

/// <summary>
/// Which token counts, and how it is read. A token on the envelope counts for the whole body; in other places a member
/// with a token's name is the customer's own data. Tokens are copied and pasted, so white space around them is trimmed
/// everywhere.
/// </summary>
public sealed class TokenTests
{
    [Theory]
    [InlineData("""{"api_key":"phc_good","batch":[{"event":"a","distinct_id":"anna","api_key":"phc_bad"}]}""")]
    [InlineData("""{"api_key":"phc_good","batch":[{"event":"a","distinct_id":"anna","token":"phc_bad"},{"event":"b","distinct_id":"anna","$token":"phx_x"}]}""")]
    [InlineData("""{"batch":[{"event":"a","distinct_id":"anna","token":"phc_bad"}],"token":"phc_good"}""")]
    [InlineData("""{"api_key":"phc_good","batch":[{"event":"password reset","distinct_id":"anna","properties":{"token":"secret"}}]}""")]
    [InlineData("""{"token":"phc_good","event":"password reset","distinct_id":"anna","properties":{"token":"secret"}}""")]
    public void A_token_on_the_envelope_overrides_the_tokens_of_the_events(string body) =>
        Assert.Equal(Project, Taken(Parse(body)).Project);

    [Theory]
    [InlineData("""{"api_key":"phc_bad","batch":[{"event":"a","distinct_id":"anna","api_key":"phc_good"}]}""")]
    [InlineData("""{"batch":[{"event":"a","distinct_id":"anna","token":"phc_good"},{"event":"b","distinct_id":"anna","token":"phc_bad"}]}""")]
    [InlineData("""[{"event":"a","distinct_id":"anna","token":"phc_good "},{"event":"b","properties":{"distinct_id":"anna","token":" phc_bad"}}]""")]
    [InlineData("""{"api_key":" ","batch":[{"event":"a","distinct_id":"anna"}]}""")]
    [InlineData("""{"api_key":"phc_ good","batch":[{"event":"a","distinct_id":"anna"}]}""")]
    [InlineData("""{"api_key":" phx_personal","batch":[{"event":"a","distinct_id":"anna"}]}""")]
    public void A_body_with_two_different_tokens_gets_401(string body) => Assert.Equal(401, Status(Parse(body)));

    [Theory]
    [InlineData("""{"batch":[{"event":"a","distinct_id":"anna","token":"phc_good"},{"event":"b","properties":{"distinct_id":"anna","token":"phc_good"}}]}""")]
    [InlineData("""{"api_key":"","batch":[{"event":"a","properties":{"distinct_id":"anna","token":"phc_good"}}]}""")]
    [InlineData("""{"api_key":" \t","batch":[{"event":"a","distinct_id":"anna","token":"phc_good"}]}""")]
    [InlineData("""{"api_key":null,"batch":[{"event":"a","distinct_id":"anna"},{"event":"b","distinct_id":"anna","token":"phc_good"}]}""")]
    public void Without_a_token_on_the_envelope_the_token_of_the_events_counts(string body) =>
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
            // The token of a recording is known: only the Postgres is missing that would take its block.
            HttpStatusCode expected = path == "/s/" ? HttpStatusCode.ServiceUnavailable : HttpStatusCode.OK;
            Assert.True(answer.StatusCode == expected, $"{path}: {await answer.Content.ReadAsStringAsync()}");
        }

        using JsonDocument config = JsonDocument.Parse(await server.Client.GetStringAsync("/array/%20phc_good%0A/config"));
        Assert.True(config.RootElement.TryGetProperty("sessionRecording", out _));
    }

    [Fact]
    public async Task The_remote_config_script_uses_the_tokens_spelling_from_the_request()
    {
        await using CaptureServer server = await CaptureServer.Start();
        // posthog-js looks for its own, as its site wrote it.
        Assert.Contains(
            "window._POSTHOG_REMOTE_CONFIG[\"phc_good \"]",
            await server.Client.GetStringAsync("/array/phc_good%20/config.js"),
            StringComparison.Ordinal);
    }
}
