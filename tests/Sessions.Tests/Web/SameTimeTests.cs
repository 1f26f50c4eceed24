using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;

namespace Sessions.Tests.Web;

/// <summary>
/// Events of the same time. The first and the last event decide a session's entry, exit, referrer, channel and device,
/// and senders with coarse clocks (a log has seconds) give many events the same time. Then the sender's order counts:
/// the position in the request's body, or the number that the event has. The result must not depend on ids, which are
/// random or hashes, nor on the order or number of arrivals.
/// </summary>
public sealed class SameTimeTests(TestGateway gateway) : IClassFixture<TestGateway>
{
    // Against the order of their ids.
    private const string First = "ffffffff-0000-4000-8000-000000000000";
    private const string Second = "00000000-0000-4000-8000-000000000001";

    private readonly TestGateway.Project _project = gateway.NextProject();
    private readonly string _time = DateTimeOffset.UtcNow.AddMinutes(-3).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    public enum Way
    {
        OneBody,
        OneBodyTwice,
        OneBodyWithOthersBetween,
        SecondArrivesFirst,
        FirstArrivesFirst,
        EachTwiceAndMixed,
        NumberedAgainstTheBody,
    }

    [Theory]
    [ClassData(typeof(Ways))]
    public async Task Of_pages_of_the_same_time_the_senders_first_is_the_entry_and_the_last_is_the_exit(
        Way way, bool hasIds, bool namesSession)
    {
        // Without ids of its own an event gets a random one: one visitor would be right by chance.
        for (int visitor = 0; visitor < (hasIds ? 1 : 6); visitor++)
        {
            string person = $"visitor-{visitor}";
            string? session = namesSession ? Guid.CreateVersion7().ToString() : null;
            JsonObject landing = Event(person, "$pageview", hasIds ? First : null, session, new()
            {
                ["$current_url"] = "https://shop.example/landing",
                ["$referrer"] = "https://www.google.com/",
                ["$referring_domain"] = "www.google.com",
                ["$browser"] = "Firefox",
            });
            JsonObject second = Event(person, "$pageview", hasIds ? Second : null, session, new()
            {
                ["$current_url"] = "https://shop.example/second",
                ["$referring_domain"] = "shop.example",
                ["$browser"] = "Chrome",
            });

            await Send(way, landing, second);

            JsonNode seen = await SessionOf(person);
            Assert.Equal(
                "/landing /second www.google.com Organic Search Firefox",
                $"{seen["$entry_pathname"]} {seen["$exit_pathname"]} {seen["$entry_referring_domain"]} {seen["$channel_type"]} {seen["$browser"]}");
        }
    }

    [Fact]
    public async Task An_identify_after_a_pageview_of_the_same_time_decides_the_sessions_person()
    {
        string session = Guid.CreateVersion7().ToString();
        JsonObject view = Event("guest", "$pageview", First, session, new() { ["$device_id"] = "phone" });
        JsonObject identify = Event("ann", "$identify", Second, session, new()
        {
            ["$device_id"] = "phone",
            ["$anon_distinct_id"] = "guest",
        });

        await Post(view, identify);

        Assert.Equal("ann", (string?)(await Get($"/api/sessions/{session}"))["distinct_id"]);
    }

    [Fact]
    public async Task Events_of_the_same_time_are_listed_and_exported_in_the_senders_order()
    {
        string session = Guid.CreateVersion7().ToString();
        JsonObject[] sent =
        [
            .. Enumerable.Range(0, 5).Select(i => Event("ann", $"step {i}", $"{9 - i}0000000-0000-4000-8000-000000000000", session, [])),
        ];
        for (int i = 0; i < sent.Length; i++)
        {
            sent[i]["sender_order"] = i;
        }

        foreach (int i in (int[])[3, 0, 4, 1, 2])
        {
            await Post(sent[i]);
        }

        string[] inOrder = [.. sent.Select(one => (string)one["event"]!)];
        List<string> listed = [];
        string? next = "";
        while (next is not null)
        {
            JsonNode page = await Get($"/api/sessions/{session}/events?limit=2&cursor={next}");
            listed.AddRange(page["results"]!.AsArray().Select(row => (string)row!["event"]!));
            next = (string?)page["next"];
        }

        Assert.Equal(inOrder, listed);
        Assert.Equal(inOrder, Names(await Text("/api/persons/ann/export"), "event"));
        JsonNode sql = JsonNode.Parse(await (await Program().PostAsync("/api/sql", Json(new JsonObject
        {
            ["query"] = "select event from events order by timestamp, sender_order, event_id",
        }))).Content.ReadAsStringAsync())!;
        Assert.Equal(inOrder, sql["rows"]!.AsArray().Select(row => (string)row![0]!));
        JsonNode[] exported = [.. Lines(await Text("/api/export/events"))];
        Assert.Equal(inOrder, exported.OrderBy(line => (long)line["sender_order"]!).Select(line => (string)line["event"]!));
    }

    private async Task Send(Way way, JsonObject first, JsonObject second)
    {
        switch (way)
        {
            case Way.OneBody:
                await Post(first, second);
                break;
            case Way.OneBodyTwice when first.ContainsKey("uuid"):
                await Post(first, second);
                await Post(first, second);
                break;
            case Way.OneBodyTwice:
                await Post(first, second, Later(second));
                break;
            case Way.OneBodyWithOthersBetween:
                await Post(Event("other", "$pageview", null, null, []), first, new JsonObject { ["event"] = "" }, second);
                break;
            case Way.SecondArrivesFirst:
                await Post(Numbered(second, 12));
                await Post(Numbered(first, 11));
                break;
            case Way.FirstArrivesFirst:
                await Post(Numbered(first, 11));
                await Post(Numbered(second, 12));
                break;
            case Way.EachTwiceAndMixed:
                await Post(Numbered(second, 12));
                await Post(Numbered(second, 12), Numbered(first, 11));
                await Post(Numbered(first, 11));
                break;
            case Way.NumberedAgainstTheBody:
                await Post(Numbered(second, 4), Numbered(first, 3));
                break;
        }
    }

    private static JsonObject Numbered(JsonObject sent, int order)
    {
        JsonObject numbered = sent.DeepClone().AsObject();
        numbered["sender_order"] = order;
        return numbered;
    }

    private static JsonObject Later(JsonObject sent)
    {
        JsonObject later = sent.DeepClone().AsObject();
        later["timestamp"] = DateTimeOffset.Parse((string)sent["timestamp"]!, CultureInfo.InvariantCulture).AddSeconds(1).ToString("O", CultureInfo.InvariantCulture);
        return later;
    }

    private JsonObject Event(string person, string name, string? id, string? session, JsonObject properties)
    {
        if (session is not null)
        {
            properties["$session_id"] = session;
        }

        JsonObject made = new()
        {
            ["event"] = name,
            ["distinct_id"] = person,
            ["timestamp"] = _time,
            ["properties"] = properties,
        };
        if (id is not null)
        {
            made["uuid"] = id;
        }

        return made;
    }

    private async Task Post(params JsonObject[] events)
    {
        JsonObject body = new()
        {
            ["api_key"] = _project.Token,
            ["batch"] = new JsonArray([.. events.Select(one => one.DeepClone())]),
        };
        using HttpResponseMessage answer = await Program().PostAsync("/batch/", Json(body));
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    /// <summary>The only session of a person, from its grain.</summary>
    private async Task<JsonNode> SessionOf(string person)
    {
        JsonNode list = await Get($"/api/sessions?filters={Uri.EscapeDataString(
            $$"""[{"key":"distinct_id","operator":"exact","value":"{{person}}"}]""")}");
        return await Get($"/api/sessions/{Assert.Single(list["results"]!.AsArray())!["$session_id"]}");
    }

    private static IEnumerable<JsonNode> Lines(string text) =>
        text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonNode.Parse(line)!);

    private static IEnumerable<string> Names(string text, string type) =>
        Lines(text).Where(line => (string?)line["type"] == type).Select(line => (string)line[type]!["event"]!);

    private async Task<JsonNode> Get(string path) => JsonNode.Parse(await Text(path))!;

    private async Task<string> Text(string path) => await Program().GetStringAsync(path);

    private HttpClient Program() => gateway.Program(_project.ApiKey);

    private static StringContent Json(JsonNode body) => new(body.ToJsonString(), Encoding.UTF8, "application/json");

    /// <summary>Every way, with ids and without where nothing is sent again, with a session of the client's and without.</summary>
    private sealed class Ways : TheoryData<Way, bool, bool>
    {
        public Ways()
        {
            foreach (Way way in Enum.GetValues<Way>())
            {
                foreach (bool namesSession in (bool[])[true, false])
                {
                    Add(way, true, namesSession);
                    if (way != Way.EachTwiceAndMixed)
                    {
                        Add(way, false, namesSession);
                    }
                }
            }
        }
    }
}
