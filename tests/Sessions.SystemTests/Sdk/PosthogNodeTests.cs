using System.Text.Json.Nodes;
using Microsoft.Playwright;
using Sessions.SystemTests.Audit;
using Sessions.SystemTests.Browser;
using Sessions.SystemTests.Harness;

namespace Sessions.SystemTests.Sdk;

/// <summary>
/// posthog-node has no sessions of its own: the server makes them, or the backend passes on a browser's session id.
/// </summary>
[Collection(Lane.Shared)]
public sealed class PosthogNodeTests(SharedCluster shared, Chromium chromium)
{
    [Fact]
    public async Task Events_without_a_session_id_become_one_server_made_session()
    {
        Cluster cluster = await shared.Started;
        using Gateway gateway = cluster.Gateway();
        string person = Events.NewDistinctId("node");

        await NodeBackend.Capture(gateway, ("signed up", person, []), ("$pageview", person, Url("https://shop.example/welcome")));
        await NodeBackend.Capture(gateway, ("bought", person, new JsonObject { ["price"] = 12 }));

        JsonObject session = (await gateway.LiveSession(person))!;
        Assert.Equal(3, (int?)session["$event_count"]);
        Assert.Equal(1, (int?)session["$pageview_count"]);
        Assert.Equal("/welcome", (string?)session["$entry_pathname"]);
        Assert.Equal(person, (string?)session["distinct_id"]);
        string id = (string)session["$session_id"]!;
        Assert.Equal(7, Guid.Parse(id).Version);
        await Books.AddUp(cluster.Reader, id);
    }

    [Fact]
    public async Task An_alias_merges_two_ids_into_one_person_unless_the_alias_was_already_a_person()
    {
        Cluster cluster = await shared.Started;
        using Gateway gateway = cluster.Gateway();
        string frontend = Events.NewDistinctId("frontend"), backend = Events.NewDistinctId("backend"), other = Events.NewDistinctId("other");
        await NodeBackend.Capture(gateway, ("looked", frontend, []), ("billed", backend, []));

        await NodeBackend.Alias(gateway, frontend, backend);
        await NodeBackend.Alias(gateway, other, backend);

        Assert.Equal(new[] { frontend, backend }.Order(StringComparer.Ordinal), await IdsOf(backend));
        Assert.Equal([other], await IdsOf(other));

        async Task<IEnumerable<string>> IdsOf(string id)
        {
            using HttpResponseMessage answer = await gateway.Ask(HttpMethod.Get, $"/api/persons?distinct_id={id}");
            JsonNode person = JsonNode.Parse(await answer.Content.ReadAsStringAsync())!;
            return person["distinct_ids"]!.AsArray().Select(one => (string)one!).Order(StringComparer.Ordinal);
        }
    }

    [Fact]
    public async Task A_backend_that_passes_on_a_browsers_session_id_adds_to_that_session_and_does_not_end_it()
    {
        Cluster cluster = await shared.Started;
        using Gateway gateway = cluster.Gateway();
        await using Site site = await Site.WithThePackage(gateway);
        await using Visit visit = await chromium.Open();
        IPage page = await visit.NewTab();
        await page.GotoAsync(site.Address.ToString());
        await Visit.SdkIsThere(page);
        string session = await Visit.SessionId(page);
        string backend = Events.NewDistinctId("backend");

        await NodeBackend.Capture(gateway, ("paid", backend, new JsonObject { ["$session_id"] = session }));
        // The backend goes on to things that have nothing to do with that browser.
        await NodeBackend.Capture(gateway, ("night run", backend, []), ("paid", backend, new JsonObject { ["$session_id"] = Events.NewSessionId() }));
        await page.EvaluateAsync("window.posthog.capture('still here')");
        await Visit.Leave(page, site);

        IReadOnlyList<BrowserEvent> made = await visit.LogOf(site);
        JsonObject now = await gateway.SessionWith(session, made.Count + 1);
        Assert.Equal(made.Count + 1, (int?)now["$event_count"]);
        Assert.Equal("live", (string?)now["status"]);
        Assert.Single(await Books.EventsOf(cluster.Reader), e => e.SessionId == Guid.Parse(session) && e.Name == "paid");
        await Books.AddUp(cluster.Reader, session);
    }

    private static JsonObject Url(string url) => new() { ["$current_url"] = url };
}
