using System.Globalization;
using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Sessions.SystemTests.Audit;
using Sessions.SystemTests.Harness;

namespace Sessions.SystemTests.Sdk;

/// <summary>
/// Bodies as the SDKs for Android and iOS send them: gzip to <c>/batch</c> without a slash. Their sessions are of the
/// foreground; events from the background may have no session id.
/// </summary>
[Collection(Lane.Shared)]
public sealed class MobileBodyTests(SharedCluster shared)
{
    [Fact]
    public async Task A_background_event_joins_the_apps_session_that_covers_its_time()
    {
        Cluster cluster = await shared.Started;
        App app = new("posthog-android", DateTimeOffset.UtcNow);
        string session = Events.NewSessionId();

        await Send(app, app.Event("Application Opened", -50, session), app.Event("$screen", -40, session), app.Event("$screen", -5, session));
        JsonObject fromTheBackground = app.Event("sync done", -20);
        await Send(app, fromTheBackground);
        // In one batch with what is around it, too.
        string next = Events.NewSessionId();
        JsonObject amidst = app.Event("push received", -2);
        await Send(app, app.Event("$screen", -3, next), amidst, app.Event("$screen", -1, next));

        Assert.Equal(Guid.Parse(session), (await Stored(fromTheBackground)).SessionId);
        Assert.Equal(Guid.Parse(next), (await Stored(amidst)).SessionId);
        using Gateway gateway = cluster.Gateway();
        Assert.Equal("new_client_session", (string?)(await gateway.SessionWith(session, 4))["end_reason"]);
        Assert.Equal(2, (int?)(await gateway.SessionWith(next, 3))["$screen_count"]);
        await Books.AddUp(cluster.Reader, session, next);
    }

    [Fact]
    public async Task Background_events_outside_of_the_apps_sessions_get_a_server_made_session()
    {
        Cluster cluster = await shared.Started;
        App app = new("posthog-ios", DateTimeOffset.UtcNow);
        // As iOS writes its ids.
        string morning = Events.NewSessionId().ToUpperInvariant();
        string evening = Events.NewSessionId().ToUpperInvariant();
        JsonObject[] fromTheBackground = [app.Event("fetched", -300), app.Event("Application Backgrounded", -260)];

        await Send(
            app,
            app.Event("Application Opened", -3_600, morning),
            app.Event("$screen", -3_590, morning),
            fromTheBackground[0],
            fromTheBackground[1],
            app.Event("Application Opened", -10, evening),
            app.Event("$screen", -5, evening));

        StoredEvent first = await Stored(fromTheBackground[0]);
        Guid made = first.SessionId;
        Assert.Equal(made, (await Stored(fromTheBackground[1])).SessionId);
        Assert.DoesNotContain(made, (Guid[])[Guid.Parse(morning), Guid.Parse(evening)]);
        Assert.Equal(7, made.Version);
        Assert.Equal(new DateTimeOffset(first.Timestamp).ToUnixTimeMilliseconds(), Convert.ToInt64(made.ToString("N")[..12], 16));
        using Gateway gateway = cluster.Gateway();
        JsonObject background = await gateway.SessionWith(made.ToString(), 2);
        Assert.Equal("idle", (string?)background["end_reason"]);
        Assert.Null(background["$is_bounce"]);
        Assert.Equal("idle", (string?)(await gateway.SessionWith(morning, 2))["end_reason"]);
        Assert.Equal("live", (string?)(await gateway.SessionWith(evening, 2))["status"]);
        await Books.AddUp(cluster.Reader, morning, evening, made.ToString());
    }

    [Theory]
    [InlineData("posthog-android", -7_200)]
    [InlineData("posthog-ios", 7_200)]
    public async Task A_repeated_event_of_a_phone_with_a_wrong_clock_counts_once_at_the_right_time(
        string sdk, int wrongBySeconds)
    {
        Cluster cluster = await shared.Started;
        DateTimeOffset now = DateTimeOffset.UtcNow;
        App app = new(sdk, now.AddSeconds(wrongBySeconds));
        string session = Events.NewSessionId();
        JsonObject[] batch = [app.Event("Application Opened", -30, session), app.Event("$screen", -20, session), app.Event("sync done", -10)];

        await Send(app, batch);
        await Send(app with { Now = app.Now.AddSeconds(3) }, batch);

        using Gateway gateway = cluster.Gateway();
        JsonObject stored = await gateway.SessionWith(session, 3);
        Assert.Equal(3, (int?)stored["$event_count"]);
        Assert.Equal(20, (double)stored["$session_duration"]!, tolerance: 2.5);
        Assert.InRange((DateTimeOffset)stored["$start_timestamp"]!, now.AddSeconds(-35), now.AddSeconds(5));
        Assert.Equal(3, (await Books.EventsOf(cluster.Reader)).Count(e => e.DistinctId == app.Person));
        await Books.AddUp(cluster.Reader, session);
    }

    private async Task Send(App app, params JsonObject[] events)
    {
        using Gateway gateway = (await shared.Started).Gateway();
        string body = new JsonObject
        {
            ["api_key"] = gateway.Token,
            ["batch"] = new JsonArray([.. events.Select(e => e.DeepClone())]),
            ["sent_at"] = App.Text(app.Now),
        }.ToJsonString();
        using MemoryStream zipped = new();
        await using (GZipStream gzip = new(zipped, CompressionLevel.Fastest, leaveOpen: true))
        {
            await gzip.WriteAsync(Encoding.UTF8.GetBytes(body));
        }

        using ByteArrayContent content = new(zipped.ToArray());
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        content.Headers.ContentEncoding.Add("gzip");
        using HttpResponseMessage answer = await gateway.Post("/batch", content);
        string text = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.StatusCode == HttpStatusCode.OK, $"{(int)answer.StatusCode} {text}");
        Assert.Equal("""{"status":"Ok"}""", text);
    }

    private async Task<StoredEvent> Stored(JsonObject sent) =>
        Assert.Single(await Books.EventsOf((await shared.Started).Reader), e => e.EventId == Guid.Parse((string)sent["uuid"]!));

    /// <summary>An app on somebody's phone, and what the phone's clock says.</summary>
    private sealed record App(string Sdk, DateTimeOffset Now)
    {
        public string Person { get; } = Events.NewDistinctId("phone");

        private string Device { get; } = Guid.NewGuid().ToString();

        public static string Text(DateTimeOffset time) => time.UtcDateTime.ToString(Events.TimeFormat, CultureInfo.InvariantCulture);

        public JsonObject Event(string name, double secondsFromNow, string? session = null)
        {
            JsonObject made = Events.Event(name, Person, session, Now.AddSeconds(secondsFromNow), ("$device_id", Device), ("$lib", Sdk), ("$os", Sdk == "posthog-ios" ? "iOS" : "Android"));
            if (Sdk == "posthog-ios")
            {
                made["uuid"] = ((string)made["uuid"]!).ToUpperInvariant();
            }

            if (name == "$screen")
            {
                made["properties"]!["$screen_name"] = "Home";
            }

            return made;
        }
    }
}
