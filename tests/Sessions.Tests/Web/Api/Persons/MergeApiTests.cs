using System.Text.Json.Nodes;
using static Sessions.Tests.Web.Api.Persons.PersonStory;

namespace Sessions.Tests.Web.Api.Persons;

/// <summary>
/// Merges as PostHog documents them: <c>$identify</c> and <c>$create_alias</c> merge an id that is no person yet, and
/// <c>$merge_dangerously</c> merges any id. What the server knew when the event arrived counts, never a time that the
/// sender gives: otherwise anybody who knows an id could take over that person's data.
/// </summary>
public sealed class MergeApiTests(LoneTestGateway gateway) : IClassFixture<LoneTestGateway>
{
    public enum Said
    {
        Now,
        LongAgo,
        InTheFuture,
    }

    [Theory]
    [InlineData("$identify", Said.LongAgo)]
    [InlineData("$identify", Said.Now)]
    [InlineData("$identify", Said.InTheFuture)]
    [InlineData("$create_alias", Said.LongAgo)]
    public async Task An_identified_person_is_not_merged_into_another_whatever_time_the_event_has(
        string name, Said when)
    {
        using PersonStory story = new(gateway);
        await story.Send(Event("looked", "anon-ann"));
        await story.Send(Event("$identify", "ann@example.org", "anon-ann"));
        await story.Send(Event("purchase", "ann@example.org"));
        DateTimeOffset time = TimeProvider.System.GetUtcNow();
        time = when switch { Said.LongAgo => time.AddDays(-9), Said.InTheFuture => time.AddHours(9), _ => time };

        await story.Send(Event(name, "mallory", "ann@example.org", time: time));
        await story.Send(Event(name, "mallory", "anon-ann", time: time));

        await story.Settled();
        Assert.Equal("mallory", await story.IdsOf("mallory"));
        Assert.All(await story.Export("mallory"), one => Assert.EndsWith("mallory", one, StringComparison.Ordinal));
        Assert.Equal("mallory", (await story.Delete("mallory")).Ids);
        Assert.Equal(3, (int)(await story.Person("ann@example.org"))["events"]!);
        Assert.Equal("ann@example.org anon-ann", await story.IdsOf("anon-ann"));
    }

    [Fact]
    public async Task A_person_identified_without_an_anonymous_id_is_not_merged_into_another_either()
    {
        using PersonStory story = new(gateway);
        await story.Send(Event("$identify", "ann"));
        await story.Send(Event("$identify", "mallory", "ann"));

        Assert.Equal("mallory", await story.IdsOf("mallory"));
    }

    [Fact]
    public async Task An_identify_with_an_earlier_time_that_arrives_last_changes_nothing()
    {
        using PersonStory story = new(gateway);
        await story.Send(Event("$identify", "ann", "anon"));
        await story.Send(Event("$identify", "ben", "anon", time: TimeProvider.System.GetUtcNow().AddDays(-1)));

        Assert.Equal("ann anon", await story.IdsOf("anon"));
        Assert.Equal("ben", await story.IdsOf("ben"));
    }

    [Fact]
    public async Task A_servers_alias_is_exported_counted_and_deleted_with_its_person()
    {
        using PersonStory story = new(gateway);
        await story.Send(Event("looked", "frontend_id"), Event("billed", "backend_id"));
        Assert.Empty(await story.Send(Event("$create_alias", "frontend_id", "backend_id")));

        await story.Settled();
        Assert.Equal("backend_id frontend_id", await story.IdsOf("backend_id"));
        Assert.Equal(1, await story.Visitors());
        Assert.Equal(1, await story.Visitors("billed"));
        Assert.Equal(["$create_alias frontend_id", "billed backend_id", "looked frontend_id"], await story.Export("backend_id"));
        Assert.Equal(("backend_id frontend_id", 3), await story.Delete("frontend_id"));
        Assert.Empty(await story.Export("backend_id"));
    }

    [Fact]
    public async Task An_alias_of_an_identified_id_is_refused_and_a_dangerous_merge_is_accepted()
    {
        using PersonStory story = new(gateway);
        await story.Send(Event("$identify", "ann", "anon-a"));
        await story.Send(Event("$identify", "ben", "anon-b"));

        await story.Send(Event("$create_alias", "ann", "ben"));
        Assert.Equal("ann anon-a", await story.IdsOf("ann"));

        await story.Send(Event("$merge_dangerously", "ann", "ben"));
        Assert.Equal("ann anon-a anon-b ben", await story.IdsOf("anon-b"));
        await story.Settled();
        Assert.Equal(1, await story.Visitors());
        Assert.Equal(("ann anon-a anon-b ben", 4), await story.Delete("anon-a"));
    }

    [Fact]
    public async Task A_chain_of_an_alias_and_an_identify_is_one_person()
    {
        using PersonStory story = new(gateway);
        await story.Send(Event("looked", "anon"));
        await story.Send(Event("$create_alias", "lead-1", "anon"));
        await story.Send(Event("$identify", "ann", "lead-1"));
        await story.Send(Event("$create_alias", "ann", "crm-1"));

        // The lead was the target of an alias, and is nobody's anonymous id any more.
        Assert.Equal("anon lead-1", await story.IdsOf("anon"));
        Assert.Equal("ann crm-1", await story.IdsOf("ann"));

        await story.Send(Event("$merge_dangerously", "ann", "anon"));
        Assert.Equal("ann anon crm-1 lead-1", await story.IdsOf("crm-1"));
    }

    [Fact]
    public async Task Merges_of_different_devices_in_one_request_are_applied_in_its_order()
    {
        using PersonStory story = new(gateway);
        for (int i = 0; i < 8; i++)
        {
            await story.Send(
                Event("looked", $"ann-{i}"),
                Event("$identify", $"ann-{i}", $"anon-{i}"),
                Event("$identify", $"ben-{i}", $"anon-b-{i}"),
                Event("$identify", $"mallory-{i}", $"ann-{i}"),
                Event("$identify", $"eve-{i}", $"anon-{i}", device: $"phone-{i}"));

            Assert.Equal($"ann-{i} anon-{i}", await story.IdsOf($"ann-{i}"));
            Assert.Equal($"anon-b-{i} ben-{i}", await story.IdsOf($"ben-{i}"));
            Assert.Equal($"mallory-{i}", await story.IdsOf($"mallory-{i}"));
        }
    }

    [Fact]
    public async Task Looking_up_a_person_shows_the_merged_ids_and_since_when()
    {
        using PersonStory story = new(gateway);
        DateTimeOffset begun = TimeProvider.System.GetUtcNow().AddSeconds(-1);
        await story.Send(Event("$identify", "ann", "anon", time: begun.AddDays(-3)));
        await story.Send(Event("$identify", "ann", "anon"));
        await story.Send(Event("$merge_dangerously", "ann", "crm-1"));
        await story.Send(Event("$identify", "mallory", "ann"));

        JsonNode person = await story.Person("crm-1");

        Assert.Equal(
            ["anon ann $identify", "crm-1 ann $merge_dangerously"],
            person["merges"]!.AsArray().Select(merge => $"{merge!["distinct_id"]} {merge["into"]} {merge["by"]}"));
        Assert.All(person["merges"]!.AsArray(), merge => Assert.True((DateTimeOffset)merge!["since"]! > begun));
        Assert.Empty((await story.Person("mallory"))["merges"]!.AsArray());
    }
}
