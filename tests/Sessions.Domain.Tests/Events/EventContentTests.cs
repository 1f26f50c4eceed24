using System.Text;
using Sessions.Domain.Folding;
using Sessions.Domain.Replay;

namespace Sessions.Domain.Tests.Events;

/// <summary>
/// Two events are the same when their clients sent the same content. Changes by a request, a gateway or Postgres on the
/// way don't matter; another name, person, time or property does.
/// </summary>
public sealed class EventContentTests
{
    private const string Said = """{"plan":"pro","price":12.5,"tags":["a","b"],"at":{"x":1,"y":2},"note":"é","none":null}""";

    private static readonly DateTimeOffset Noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("""{"none":null,"note":"é","at":{"y":2,"x":1},"tags":["a","b"],"price":12.5,"plan":"pro"}""", "the order of members")]
    [InlineData("""{ "at" : {"x": 1, "y": 2} ,"none": null,"note":"é","plan":"pro","price":12.5,"tags":["a", "b"]}""", "as jsonb prints it")]
    [InlineData("""{"plan":"pro","price":125e-1,"tags":["a","b"],"at":{"x":1.0,"y":0.2E+1},"note":"é","none":null}""", "the spelling of numbers")]
    [InlineData("""{"plan":"\u0070ro","price":12.50,"tags":["a","\u0062"],"at":{"\u0078":1,"y":2},"note":"\u00e9","none":null}""", "escapes")]
    [InlineData("""{"plan":"free","plan":"pro","price":12.5,"tags":["a","b"],"at":{"x":1,"y":0,"y":2},"note":"é","none":null}""", "the last of one name")]
    [InlineData("""{"plan":"pro","price":12.5,"tags":["a","b"],"at":{"x":1,"y":2},"note":"é","none":null,"$geoip_country_code":"DE"}""", "a country")]
    [InlineData("""{"$ip":null,"plan":"pro","price":12.5,"tags":["a","b"],"at":{"x":1,"y":2},"note":"é","none":null}""", "an erased address")]
    [InlineData("""{"$device_id":"d","$window_id":"w","$session_id":"01980000-0000-7000-8000-000000000001","plan":"pro","price":12.5,"tags":["a","b"],"at":{"x":1,"y":2},"note":"é","none":null}""", "where it belongs")]
    [InlineData("""{"$ignore_sent_at":true,"$geoip_disable":true,"$cookieless_mode":true,"plan":"pro","price":12.5,"tags":["a","b"],"at":{"x":1,"y":2},"note":"é","none":null}""", "how to read it")]
    public void The_same_properties_in_another_spelling_are_the_same_event(string properties, string what)
    {
        Assert.True(Content(Said).IsSameAs(Content(properties)), what);
        Assert.Equal(Content(Said).IdBeside(Guid.Empty), Content(properties).IdBeside(Guid.Empty));
    }

    [Theory]
    [InlineData("""{"plan":"Pro","price":12.5,"tags":["a","b"],"at":{"x":1,"y":2},"note":"é","none":null}""")]
    [InlineData("""{"plan":"pro","price":125,"tags":["a","b"],"at":{"x":1,"y":2},"note":"é","none":null}""")]
    [InlineData("""{"plan":"pro","price":-12.5,"tags":["a","b"],"at":{"x":1,"y":2},"note":"é","none":null}""")]
    [InlineData("""{"plan":"pro","price":"12.5","tags":["a","b"],"at":{"x":1,"y":2},"note":"é","none":null}""")]
    [InlineData("""{"plan":"pro","price":12.5,"tags":["b","a"],"at":{"x":1,"y":2},"note":"é","none":null}""")]
    [InlineData("""{"plan":"pro","price":12.5,"tags":["a,b"],"at":{"x":1,"y":2},"note":"é","none":null}""")]
    [InlineData("""{"plan":"pro","price":12.5,"tags":["a","b"],"at":{"x":1,"y":3},"note":"é","none":null}""")]
    [InlineData("""{"plan":"pro","price":12.5,"tags":["a","b"],"at":{"x":1,"y":2},"note":"é"}""")]
    [InlineData("""{"plan":"pro","price":12.5,"tags":["a","b"],"at":{"x":1,"y":2},"note":"é","none":null,"$session_id":"cart"}""")]
    [InlineData("")]
    public void An_event_with_a_different_property_is_a_different_event(string properties)
    {
        Assert.False(Content(Said).IsSameAs(Content(properties)));
        Assert.NotEqual(Content(Said).IdBeside(Guid.Empty), Content(properties).IdBeside(Guid.Empty));
    }

    [Theory]
    [InlineData("", "{}")]
    [InlineData("", """ { } """)]
    [InlineData("", """{"$ip":"1.2.3.4","$geoip_country_code":"FR"}""")]
    [InlineData("""{"a":0}""", """{"a":-0.0e5}""")]
    [InlineData("""{"a":100}""", """{"a":1e2}""")]
    [InlineData("""{"a":1e-0000000002}""", """{"a":0.01}""")]
    [InlineData("""{"a":{}}""", """{"a":{ }}""")]
    public void All_spellings_of_no_properties_and_of_zero_are_equal(string one, string other) =>
        Assert.True(Content(one).IsSameAs(Content(other)));

    [Theory]
    [InlineData("""{"a":1e99999999999}""", """{"a":1e99999999998}""")]
    [InlineData("""{"a":"\ud800"}""", """{"a":"\ud801"}""")]
    [InlineData("""{"a":1""", """{"a":2""")]
    [InlineData("""[1]""", """[2]""")]
    public void Properties_that_Postgres_cannot_store_equal_only_themselves(string one, string other)
    {
        Assert.True(Content(one).IsSameAs(Content(one)));
        Assert.False(Content(one).IsSameAs(Content(other)));
    }

    [Fact]
    public void Values_nested_9000_levels_deep_are_compared()
    {
        string deep = new string('[', 9_000) + new string(']', 9_000);
        Assert.True(Content($$"""{"a":{{deep}}}""").IsSameAs(Content($$"""{"a": {{deep}}}""")));
        Assert.False(Content($$"""{"a":{{deep}}}""").IsSameAs(Content($$"""{"a":[{{deep}}]}""")));
    }

    [Fact]
    public void A_journal_entry_has_the_same_content_as_its_event()
    {
        var sent = new SessionEvent
        {
            Id = Guid.CreateVersion7(),
            Name = "click",
            DistinctId = "ann",
            WindowId = "w",
            Timestamp = Noon,
            Properties = Encoding.UTF8.GetBytes(Said),
        };
        var entry = new JournalEntry(
            1, EntryKind.PlacedEvent, sent.Id, Noon, Noon, "click", "d", "ann", null, "w", sent.Properties)
        { ClientTime = Noon };

        Assert.Equal(EventContent.Of(sent, Noon), EventContent.Of(entry));
        Assert.NotEqual(EventContent.Of(sent, Noon).Digest, EventContent.Of(entry with { Properties = default }).Digest);
    }

    [Fact]
    public void A_replay_entry_has_the_same_content_as_its_replay_block()
    {
        byte[] summary = new ReplaySummary
        {
            Block = Guid.CreateVersion7(),
            Born = new DateOnly(2026, 3, 1),
            StartMs = 1_000,
            EndMs = 2_000,
            Events = 10,
            Bytes = 100,
        }.Write();
        var entry = new JournalEntry(1, EntryKind.Replay, Guid.CreateVersion7(), Noon, Noon, "$snapshot", "d", "ann", null, "w", summary);

        Assert.Equal(EventContent.Of(true, "$snapshot", "ann", "w", summary, Noon, null), EventContent.Of(entry));
    }

    [Fact]
    public void An_empty_window_id_equals_an_absent_one() => Assert.Null(Content(Said, window: "").Window);

    /// <summary>Processes of two builds make the same ids, and ids that are stored stay.</summary>
    [Theory]
    [InlineData(Said, null, null, "4b39fc6b-1890-8c3d-a057-c36f9fa8b6cc")]
    [InlineData(Said, "w", "2026-03-01T12:00:00Z", "588a9fd4-10b5-87ba-8c3e-f2aa211a9c9b")]
    [InlineData("", null, null, "040460c2-4052-86f5-858c-889aa207d842")]
    public void The_id_for_an_event_whose_id_is_taken_is_the_same_in_every_build(
        string properties, string? window, string? clientTime, string expected)
    {
        EventContent content = Content(
            properties, clientTime: clientTime is null ? null : DateTimeOffset.Parse(clientTime, null), window: window);

        Assert.Equal(Guid.Parse(expected), content.IdBeside(Guid.Parse("01980000-0000-7000-8000-000000000001")));
    }

    [Fact]
    public void An_event_with_another_name_person_window_or_kind_is_a_different_event()
    {
        EventContent one = Content(Said);
        Assert.False(one.IsSameAs(Content(Said, name: "bought")));
        Assert.False(one.IsSameAs(Content(Said, person: "ben")));
        Assert.False(one.IsSameAs(Content(Said, name: "clickann", person: "")));
        Assert.False(Content(Said, window: "1").IsSameAs(Content(Said, window: "2")));
        Assert.True(one.IsSameAs(Content(Said, window: "2")));
    }

    [Fact]
    public void Events_are_compared_by_the_clients_time_and_not_by_the_corrected_time()
    {
        EventContent first = Content(Said, Noon.AddSeconds(3), Noon);
        Assert.True(Content(Said, Noon.AddSeconds(900), Noon).IsSameAs(first));
        Assert.False(Content(Said, Noon.AddSeconds(3), Noon.AddSeconds(1)).IsSameAs(first));
        // Out of an export.
        Assert.True(Content(Said, Noon.AddSeconds(3), Noon.AddSeconds(3)).IsSameAs(first));
    }

    [Fact]
    public void Events_without_a_clients_time_on_both_sides_are_compared_without_times()
    {
        Assert.True(Content(Said, Noon.AddHours(1), null).IsSameAs(Content(Said, Noon, null)));
        Assert.True(Content(Said, Noon.AddHours(1), Noon.AddHours(1)).IsSameAs(Content(Said, Noon, null)));
        Assert.True(Content(Said, Noon.AddHours(1), null).IsSameAs(Content(Said, Noon, Noon)));
        Assert.Equal(Content(Said, Noon.AddHours(1), null).IdBeside(Guid.Empty), Content(Said, Noon, null).IdBeside(Guid.Empty));
    }

    [Fact]
    public void Replay_blocks_are_compared_by_content_and_time_and_not_by_where_they_are_stored()
    {
        var first = new ReplaySummary
        {
            Block = Guid.CreateVersion7(),
            Born = new DateOnly(2026, 3, 1),
            StartMs = 1_000,
            EndMs = 2_000,
            Events = 10,
            Bytes = 100,
        };
        EventContent content = Recorded(first);
        Assert.True(Recorded(first with { Block = Guid.CreateVersion7(), Born = new DateOnly(2026, 3, 2) }).IsSameAs(content));
        Assert.True(Recorded(first with { StartMs = 61_000, EndMs = 62_000, SkewMs = 60_000 }).IsSameAs(content));
        Assert.False(Recorded(first with { StartMs = 1_001 }).IsSameAs(content));
        Assert.False(Recorded(first with { EndMs = 2_001 }).IsSameAs(content));
        Assert.False(Recorded(first with { Events = 11 }).IsSameAs(content));
        Assert.False(EventContent.Of(false, "$snapshot", "ann", null, first.Write(), Noon, Noon).IsSameAs(content));

        static EventContent Recorded(ReplaySummary summary) =>
            EventContent.Of(true, "$snapshot", "ann", "w", summary.Write(), Noon.AddMilliseconds(summary.StartMs), Noon);
    }

    [Fact]
    public void The_id_for_an_event_whose_id_is_taken_depends_on_that_id_and_the_events_content()
    {
        var id = Guid.CreateVersion7();
        Guid beside = Content(Said, Noon, Noon).IdBeside(id);
        Assert.Equal(beside, Content(Said, Noon.AddHours(2), Noon).IdBeside(id));
        Assert.NotEqual(beside, Content(Said, Noon, Noon.AddHours(2)).IdBeside(id));
        Assert.NotEqual(beside, Content(Said, Noon, Noon).IdBeside(Guid.CreateVersion7()));
        Assert.True(EventContent.MayBeBeside(beside));
        Assert.False(EventContent.MayBeBeside(id));
        Assert.Equal(8, beside.Version);
        Assert.InRange(beside.Variant, 8, 11);
    }

    private static EventContent Content(
        string properties,
        DateTimeOffset? time = null,
        DateTimeOffset? clientTime = null,
        string name = "click",
        string person = "ann",
        string? window = null) =>
        EventContent.Of(false, name, person, window, Encoding.UTF8.GetBytes(properties), time ?? Noon, clientTime);
}
