using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Sessions.SystemTests.Harness;

namespace Sessions.SystemTests.Input;

/// <summary>One bad event, alone and among good ones, against a real cluster.</summary>
[Collection(Lane.Shared)]
public sealed class BadEventTests(SharedCluster shared)
{
    [Theory]
    [MemberData(nameof(BadEvents.All), MemberType = typeof(BadEvents))]
    public async Task A_bad_event_alone_is_refused(string wrong, string reason, int status)
    {
        using Gateway gateway = (await shared.Started).Gateway();

        using HttpResponseMessage answer = await Send(gateway, BadEvents.Json(wrong));

        string text = await answer.Content.ReadAsStringAsync();
        Assert.True((int)answer.StatusCode == status, $"{wrong}: {(int)answer.StatusCode} {text}");
        Assert.Contains(reason, text, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(BadEvents.All), MemberType = typeof(BadEvents))]
    public async Task A_bad_event_among_good_ones_is_dropped_with_its_reason_and_the_others_are_kept(
        string wrong, string reason, int alone)
    {
        _ = alone;
        using Gateway gateway = (await shared.Started).Gateway();
        string session = Events.NewSessionId();
        string neighbour = Events.NewDistinctId("neighbour");
        string before = Events.Event("$pageview", neighbour, session).ToJsonString();
        string after = Events.Event("$autocapture", neighbour, session).ToJsonString();

        using HttpResponseMessage answer = await Send(gateway, before, BadEvents.Json(wrong), after);

        string text = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.StatusCode == HttpStatusCode.OK, $"{wrong}: {(int)answer.StatusCode} {text}");
        JsonNode dropped = Assert.Single(JsonNode.Parse(text)!["dropped"]!.AsArray())!;
        Assert.Equal(1, (int)dropped["index"]!);
        Assert.Equal(reason, (string?)dropped["reason"]);
        Assert.Equal(2, (int?)(await gateway.Session(session))?["$event_count"]);
    }

    private static Task<HttpResponseMessage> Send(Gateway gateway, params string[] events) =>
        gateway.Post(
            "/batch/",
            new StringContent($$"""{"api_key":"{{gateway.Token}}","batch":[{{string.Join(',', events)}}]}""", Encoding.UTF8, "application/json"));
}
