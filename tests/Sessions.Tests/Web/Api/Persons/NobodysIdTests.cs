using System.Text.Json.Nodes;
using static Sessions.Tests.Web.Api.Persons.PersonStory;

namespace Sessions.Tests.Web.Api.Persons;

/// <summary>
/// A placeholder id (<c>null</c>, <c>anonymous</c>, <c>[object Object]</c>, blanks, in any case and in quotes) is sent
/// by every application that has no person to name. Such ids are never merged, handed over, exported, deleted or
/// counted as one person. Their events are kept.
/// </summary>
public sealed class NobodysIdTests(LoneTestGateway gateway) : IClassFixture<LoneTestGateway>
{
    [Theory]
    [InlineData("null", "phone-1", "phone-2")]
    [InlineData("null", null, null)]
    [InlineData("[object Object]", "phone-1", "phone-2")]
    [InlineData("\"undefined\"", null, null)]
    [InlineData("Guest", "phone-1", null)]
    [InlineData(" none", null, null)]
    public async Task Two_visitors_with_the_same_placeholder_id_stay_two_persons(
        string nobody, string? oneDevice, string? otherDevice)
    {
        using PersonStory story = new(gateway);
        await story.Send(Event("looked", "anon-1", device: oneDevice), Event("looked", "anon-2", device: otherDevice));

        Assert.Equal(
            ["0 generic_distinct_id", "1 generic_distinct_id"],
            await story.Send(
                Event("$identify", nobody, "anon-1", device: oneDevice), Event("$identify", nobody, "anon-2", device: otherDevice)));

        await story.Settled();
        Assert.Equal("anon-1", await story.IdsOf("anon-1"));
        Assert.Equal(2, await story.Visitors());
        Assert.Equal(2, await story.Visitors("$identify"));
        IReadOnlyList<string> exported = await story.Export("anon-1");
        Assert.Equal(2, exported.Count);
        Assert.Contains("looked anon-1", exported);

        Assert.Equal(("anon-1", 2), await story.Delete("anon-1"));

        JsonNode other = await (await story.Settled()).Person("anon-2");
        Assert.Equal((1, 2), ((int)other["sessions"]!, (int)other["events"]!));
        Assert.Equal(2, (await story.Export("anon-2")).Count);
        Assert.Equal(0, (int)(await story.Person("anon-1"))["sessions"]!);
    }

    [Theory]
    [InlineData("$identify", "anonymous")]
    [InlineData("$identify", "'null'")]
    [InlineData("$create_alias", "[object Object]")]
    [InlineData("$create_alias", "0")]
    [InlineData("$merge_dangerously", "NaN")]
    public async Task A_merge_with_a_placeholder_id_is_ignored_with_a_warning(string name, string nobody)
    {
        using PersonStory story = new(gateway);
        await story.Send(Event("looked", nobody, device: "kiosk"));

        Assert.Equal(["0 generic_distinct_id"], await story.Send(Event(name, "ann", nobody)));
        Assert.Equal(["0 generic_distinct_id"], await story.Send(Event(name, "ben", nobody)));

        Assert.Equal("ann", await story.IdsOf("ann"));
        Assert.Equal(nobody, await story.IdsOf(nobody));
        Assert.Equal([$"{name} ann"], await story.Export("ann"));
        Assert.Equal(("ben", 1), await story.Delete("ben"));
        Assert.Equal([$"looked {nobody}"], await story.Export(nobody));
    }

    [Theory]
    [InlineData("0")]
    [InlineData("false")]
    [InlineData("{}")]
    public async Task A_json_value_that_is_not_a_text_can_be_a_placeholder_id_too(string json)
    {
        using PersonStory story = new(gateway);

        Assert.Equal(["0 generic_distinct_id"], await story.Send(Event("$identify", JsonNode.Parse(json), "anon-1")));
        Assert.Equal(["0 generic_distinct_id"], await story.Send(Event("$create_alias", "ann", JsonNode.Parse(json))));

        Assert.Equal("anon-1", await story.IdsOf("anon-1"));
        Assert.Equal("ann", await story.IdsOf("ann"));
    }

    [Fact]
    public async Task Export_and_deletion_of_a_placeholder_id_cover_its_own_events_and_no_others()
    {
        using PersonStory story = new(gateway);
        await story.Send(Event("looked", "anon-1", device: "one"), Event("bought", "null", device: "one"), Event("left", "undefined", device: "one"));
        await story.Send(Event("sold", "null", device: "two"));
        await story.Settled();

        Assert.Equal(["bought null", "sold null"], await story.Export("null"));
        Assert.Equal(("null", 2), await story.Delete("null"));
        Assert.Equal(["left undefined", "looked anon-1"], await story.Export("anon-1"));
    }

    [Fact]
    public async Task Deleting_a_person_keeps_placeholder_events_in_a_session_that_several_persons_share()
    {
        using PersonStory story = new(gateway);
        await story.Send(
            Event("looked", "ann", device: "till"), Event("sold", "ben", device: "till"), Event("left", "null", device: "till"));
        await story.Settled();

        Assert.Equal(["looked ann"], await story.Export("ann"));
        Assert.Equal(("ann", 1), await story.Delete("ann"));
        Assert.Equal(["left null", "sold ben"], await story.Export("ben"));
    }

    [Fact]
    public async Task A_placeholder_device_id_does_not_merge_the_devices_of_two_visitors()
    {
        using PersonStory story = new(gateway);

        Assert.Equal(["0 generic_device_id"], await story.Send(Event("looked", "ann", device: "undefined")));
        Assert.Equal(["0 generic_device_id"], await story.Send(Event("looked", "ben", device: "undefined")));

        await story.Settled();
        Assert.Equal((1, 1), ((int)(await story.Person("ann"))["live"]!, (int)(await story.Person("ben"))["live"]!));
    }
}
