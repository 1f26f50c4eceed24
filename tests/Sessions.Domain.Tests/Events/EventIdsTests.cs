using System.Text;
using Sessions.Domain.Events;

namespace Sessions.Domain.Tests.Events;

/// <summary>
/// Ids and names are stored without invisible characters at their ends. Most need no change, and those are not copied.
/// </summary>
public sealed class EventIdsTests
{
    private static readonly SessionEvent Sent = new()
    {
        Id = Guid.Parse("01980000-0000-7000-8000-000000000001"),
        Name = "click",
        DistinctId = "ann",
        DeviceId = "d",
        WindowId = "w",
    };

    [Fact]
    public void An_event_in_its_stored_form_is_the_same_object()
    {
        SessionEvent bare = Sent with { DeviceId = null, WindowId = "" };
        IReadOnlyList<SessionEvent> events = [Sent, bare];

        Assert.Same(Sent, EventIds.Stored(Sent));
        Assert.Same(bare, EventIds.Stored(bare));
        Assert.Same(events, EventIds.Stored(events));
    }

    [Fact]
    public void Each_event_of_a_list_is_trimmed()
    {
        IReadOnlyList<SessionEvent> stored = EventIds.Stored([Sent, Sent with { Name = " open" }, Sent with { DistinctId = "ben " }]);

        Assert.Equal(["click", "open", "click"], stored.Select(happened => happened.Name));
        Assert.Equal(["ann", "ann", "ben"], stored.Select(happened => happened.DistinctId));
    }

    [Fact]
    public void Invisible_characters_at_the_ends_of_names_and_ids_are_removed()
    {
        Assert.Equal(Sent, EventIds.Stored(Sent with { Name = "\tclick" }));
        Assert.Equal(Sent, EventIds.Stored(Sent with { DistinctId = "ann " }));
        Assert.Equal(Sent, EventIds.Stored(Sent with { DeviceId = " d" }));
        Assert.Equal(Sent, EventIds.Stored(Sent with { WindowId = "w\u200B" }));
    }

    [Fact]
    public void A_blank_name_or_person_becomes_empty_and_a_blank_device_or_window_becomes_absent() =>
        Assert.Equal(
            Sent with { Name = "", DistinctId = "", DeviceId = null, WindowId = null },
            EventIds.Stored(Sent with { Name = " ", DistinctId = " ", DeviceId = " ", WindowId = " " }));

    [Theory]
    [InlineData("$identify", """{"$anon_distinct_id":" old "}""", """{"$anon_distinct_id":"old"}""", "who somebody was before")]
    [InlineData("$create_alias", """{"alias":" old "}""", """{"alias":"old"}""", "an alias")]
    [InlineData("$merge_dangerously", """{"alias":"old\u0020"}""", """{"alias":"old"}""", "a merge, and an escape")]
    [InlineData("$identify", """{"a":1,"alias":" x","b":[2],"$anon_distinct_id":"y ","c":3}""", """{"a":1,"alias":"x","b":[2],"$anon_distinct_id":"y","c":3}""", "both, and what stands between")]
    [InlineData("$identify", """{"alias":" "}""", """{"alias":""}""", "a blank one is empty")]
    [InlineData("$identify", """{"alias":""}""", """{"alias":""}""", "an empty one stays")]
    [InlineData("$identify", """{"alias":7}""", """{"alias":7}""", "a number is nobody's id")]
    [InlineData("$identify", """{"alias":{"alias":" x"}}""", """{"alias":{"alias":" x"}}""", "nor is an object")]
    [InlineData("$identify", """{"$set":{"alias":" x"},"alias":" y"}""", """{"$set":{"alias":" x"},"alias":"y"}""", "only the event's own")]
    [InlineData("$identify", """{"name":" x"}""", """{"name":" x"}""", "no other property")]
    [InlineData("$identify", "[]", "[]", "a list")]
    [InlineData("$identify", "7", "7", "a number")]
    [InlineData("$identify", """{"alias":" x","b":""", """{"alias":" x","b":""", "half an object")]
    [InlineData("$identify", """{"alias":" \ud800"}""", """{"alias":" \ud800"}""", "half a character")]
    [InlineData("click", """{"alias":" old "}""", """{"alias":" old "}""", "another event names nobody")]
    public void The_second_id_in_the_properties_of_a_merge_event_is_trimmed_too(
        string name, string properties, string stored, string because)
    {
        SessionEvent sent = Sent with { Name = name, Properties = Encoding.UTF8.GetBytes(properties) };
        SessionEvent made = EventIds.Stored(sent);

        Assert.True(stored == Encoding.UTF8.GetString(made.Properties.Span), because);
        Assert.True(ReferenceEquals(sent, made) == (properties == stored), because);
    }

    [Fact]
    public void A_second_id_over_200_characters_is_cut()
    {
        SessionEvent sent = Sent with
        {
            Name = EventNames.Identify,
            Properties = Encoding.UTF8.GetBytes($$"""{"$anon_distinct_id":"{{new string('x', 201)}}"}"""),
        };

        Assert.Equal(
            $$"""{"$anon_distinct_id":"{{new string('x', 200)}}"}""", Encoding.UTF8.GetString(EventIds.Stored(sent).Properties.Span));
    }

    [Fact]
    public void An_identify_without_properties_is_unchanged()
    {
        SessionEvent sent = Sent with { Name = EventNames.Identify };

        Assert.Same(sent, EventIds.Stored(sent));
    }

    [Theory]
    [InlineData(null, null, "nobody")]
    [InlineData("", null, "an empty text")]
    [InlineData("ann", "ann", "as it is stored")]
    [InlineData(" ann", " ann|ann", "as it was written and as it is stored")]
    [InlineData(" ", " ", "what would not be stored")]
    [InlineData("a\0", "a\uFFFD", "what Postgres does not hold")]
    public void A_requested_id_is_looked_up_in_each_form_in_which_it_may_be_stored(
        string? text, string? forms, string because) =>
        Assert.True(forms == (RequestedId.Of(text) is { } id ? string.Join('|', id.Forms) : null), because);

    [Fact]
    public void A_requested_id_over_200_characters_is_cut() =>
        Assert.Equal([new string('x', 200)], RequestedId.Of(new string('x', 201))!.Forms);
}
