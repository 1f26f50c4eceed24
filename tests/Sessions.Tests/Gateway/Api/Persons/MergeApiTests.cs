using System.Text.Json.Nodes;
using static Sessions.Tests.Gateway.Api.Persons.PersonStory;

namespace Sessions.Tests.Gateway.Api.Persons;

/// <summary>
/// Who is whom, as PostHog documents it: <c>$identify</c> and <c>$create_alias</c> merge an id that is nobody yet, and
/// <c>$merge_dangerously</c> any. What counts is what the server knew when the event arrived, never a time that its sender
/// says: else anybody who knows an id could make that person's data their own.
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
    public async Task Who_is_identified_is_not_taken_over_whatever_time_the_event_says(string name, Said when)
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
    public async Task Who_was_identified_without_an_anonymous_id_is_not_taken_over_either()
    {
        using PersonStory story = new(gateway);
        await story.Send(Event("$identify", "ann"));
        await story.Send(Event("$identify", "mallory", "ann"));

        Assert.Equal("mallory", await story.IdsOf("mallory"));
    }

    [Fact]
    public async Task An_identify_that_happened_first_and_arrives_last_changes_nothing()
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
    public async Task An_alias_that_was_identified_is_refused_and_a_dangerous_merge_is_not()
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
    public async Task Events_of_one_request_merge_in_its_order_though_they_are_of_different_devices()
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
    public async Task Who_looks_a_person_up_is_told_what_was_merged_and_since_when()
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
