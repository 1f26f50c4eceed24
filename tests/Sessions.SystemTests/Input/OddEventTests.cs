using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Sessions.SystemTests.Audit;
using Sessions.SystemTests.Harness;

namespace Sessions.SystemTests.Input;

/// <summary>Events with hostile values that are captured nevertheless, as well as possible.</summary>
[Collection(Lane.Shared)]
public sealed class OddEventTests(SharedCluster shared)
{
    private const char Replacement = '\uFFFD';

    [Theory]
    [InlineData("a NUL", @"a\u0000b")]
    [InlineData("a cut emoji, first half", @"a\uD83Db")]
    [InlineData("a cut emoji, second half", @"a\uDE00b")]
    public async Task Characters_that_Postgres_cannot_store_are_replaced(string odd, string escaped)
    {
        string session = Events.NewSessionId();
        JsonObject made = Events.Event("EVENT", "PERSON", session);
        string marker = Events.NewDistinctId("odd");
        string json = BadEvents.WithProperty(made, $"\"{escaped}\"")
            .Replace("EVENT", $"name {escaped}", StringComparison.Ordinal)
            .Replace("PERSON", $"{marker} {escaped}", StringComparison.Ordinal);

        await Taken(odd, json);

        StoredEvent stored = await Stored(made);
        Assert.Equal(Guid.Parse(session), stored.SessionId);
        Assert.Equal($"name a{Replacement}b", stored.Name);
        Assert.Equal($"{marker} a{Replacement}b", stored.DistinctId);
        Assert.Equal($"a{Replacement}b", stored.Text("odd"));
    }

    [Theory]
    [InlineData("the first moment there is", "0001-01-01T00:00:00Z", true)]
    [InlineData("before it, by the zone", "0001-01-01T00:00:00+14:00", true)]
    [InlineData("the last moment there is", "9999-12-31T23:59:59.999Z", false)]
    [InlineData("after it, by the zone", "9999-12-31T23:59:59.999-14:00", false)]
    [InlineData("no time at all", "half past nine", false)]
    public async Task A_time_in_year_1_is_kept_and_an_impossible_time_becomes_now(
        string odd, string timestamp, bool kept)
    {
        JsonObject made = Events.Event("$pageview", Events.NewDistinctId("time"), Events.NewSessionId());
        made["timestamp"] = timestamp;
        DateTime before = DateTime.UtcNow.AddSeconds(-1);

        await Taken(odd, made.ToJsonString());

        StoredEvent stored = await Stored(made);
        if (kept)
        {
            Assert.Equal(new DateTime(1, 1, 1, 0, 0, 0, DateTimeKind.Utc), stored.Timestamp);
        }
        else
        {
            Assert.InRange(stored.Timestamp, before, DateTime.UtcNow.AddSeconds(1));
        }

        await Books.AddUp((await shared.Started).Reader, stored.SessionId.ToString());
    }

    [Fact]
    public async Task A_person_id_of_10_000_characters_is_cut_to_200()
    {
        JsonObject made = Events.Event("$pageview", Events.NewDistinctId("long") + new string('x', 10_000), Events.NewSessionId());

        await Taken("a long distinct id", made.ToJsonString());

        Assert.Equal(((string)made["distinct_id"]!)[..200], (await Stored(made)).DistinctId);
    }

    [Fact]
    public async Task A_device_id_of_10_000_characters_works_like_any_other()
    {
        Cluster cluster = await shared.Started;
        using Gateway gateway = cluster.Gateway();
        string device = Events.NewDistinctId("device") + new string('y', 10_000);
        string person = Events.NewDistinctId("person");

        await gateway.Track(Events.Event("$pageview", person, properties: ("$device_id", device)));
        await gateway.Track(Events.Event("$pageview", person, properties: ("$device_id", device)));

        StoredEvent[] stored = [.. (await Books.EventsOf(cluster.Reader)).Where(e => e.DistinctId == person)];
        Assert.Equal(2, stored.Length);
        Assert.Equal(stored[0].SessionId, stored[1].SessionId);
    }

    [Fact]
    public async Task A_session_id_of_10_000_characters_is_kept_as_a_property_and_the_server_makes_the_session()
    {
        string named = new('7', 10_000);
        JsonObject made = Events.Event("$pageview", Events.NewDistinctId("session"), named);

        JsonNode answer = await Taken("a long session id", made.ToJsonString());

        Assert.Contains("invalid_session_id", answer["warnings"]?.ToJsonString() ?? "", StringComparison.Ordinal);
        Assert.Equal(named, (await Stored(made)).Text("$session_id"));
    }

    private async Task<JsonNode> Taken(string odd, string made)
    {
        using Gateway gateway = (await shared.Started).Gateway();
        string body = $$"""{"api_key":"{{gateway.Token}}","batch":[{{made}}]}""";
        using HttpResponseMessage answer = await gateway.Post("/batch/", new StringContent(body, Encoding.UTF8, "application/json"));
        string text = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.StatusCode == HttpStatusCode.OK, $"{odd}: {(int)answer.StatusCode} {text}");
        return JsonNode.Parse(text)!;
    }

    private async Task<StoredEvent> Stored(JsonObject made) =>
        Assert.Single(await Books.EventsOf((await shared.Started).Reader), e => e.EventId == Guid.Parse((string)made["uuid"]!));
}
