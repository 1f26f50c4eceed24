using System.Text;
using Sessions.Domain.Replay;

namespace Sessions.Domain.Tests.Events;

/// <summary>
/// An id is the client's word: sameness is what was said. What a request, a gateway or Postgres does to an event on its
/// way changes nothing of what was said; another name, person, time or property does.
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
    [InlineData("""{"$ignore_sent_at":true,"$geoip_disable":true,"plan":"pro","price":12.5,"tags":["a","b"],"at":{"x":1,"y":2},"note":"é","none":null}""", "how to read it")]
    public void The_same_said_otherwise_is_the_same(string properties, string what)
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
    public void Another_property_is_another_event(string properties)
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
    public void Nothing_said_and_zeros_have_many_spellings(string one, string other) =>
        Assert.True(Content(one).IsSameAs(Content(other)));

    [Theory]
    [InlineData("""{"a":1e99999999999}""", """{"a":1e99999999998}""")]
    [InlineData("""{"a":"\ud800"}""", """{"a":"\ud801"}""")]
    [InlineData("""{"a":1""", """{"a":2""")]
    [InlineData("""[1]""", """[2]""")]
    public void What_no_store_takes_is_like_itself_alone(string one, string other)
    {
        Assert.True(Content(one).IsSameAs(Content(one)));
        Assert.False(Content(one).IsSameAs(Content(other)));
    }

    [Fact]
    public void What_is_nested_deeper_than_any_stack_is_compared()
    {
        string deep = new string('[', 9_000) + new string(']', 9_000);
        Assert.True(Content($$"""{"a":{{deep}}}""").IsSameAs(Content($$"""{"a": {{deep}}}""")));
        Assert.False(Content($$"""{"a":{{deep}}}""").IsSameAs(Content($$"""{"a":[{{deep}}]}""")));
    }

    [Fact]
    public void Another_name_person_window_or_kind_is_another_event()
    {
        EventContent one = Content(Said);
        Assert.False(one.IsSameAs(Content(Said, name: "bought")));
        Assert.False(one.IsSameAs(Content(Said, person: "ben")));
        Assert.False(one.IsSameAs(Content(Said, name: "clickann", person: "")));
        Assert.False(Content(Said, window: "1").IsSameAs(Content(Said, window: "2")));
        Assert.True(one.IsSameAs(Content(Said, window: "2")));
    }

    [Fact]
    public void The_clients_own_time_tells_and_not_how_it_was_corrected()
    {
        EventContent first = Content(Said, Noon.AddSeconds(3), Noon);
        Assert.True(Content(Said, Noon.AddSeconds(900), Noon).IsSameAs(first));
        Assert.False(Content(Said, Noon.AddSeconds(3), Noon.AddSeconds(1)).IsSameAs(first));
        // Out of an export.
        Assert.True(Content(Said, Noon.AddSeconds(3), Noon.AddSeconds(3)).IsSameAs(first));
    }

    [Fact]
    public void Without_a_clients_own_time_on_both_sides_the_time_does_not_tell()
    {
        Assert.True(Content(Said, Noon.AddHours(1), null).IsSameAs(Content(Said, Noon, null)));
        Assert.True(Content(Said, Noon.AddHours(1), Noon.AddHours(1)).IsSameAs(Content(Said, Noon, null)));
        Assert.True(Content(Said, Noon.AddHours(1), null).IsSameAs(Content(Said, Noon, Noon)));
        Assert.Equal(Content(Said, Noon.AddHours(1), null).IdBeside(Guid.Empty), Content(Said, Noon, null).IdBeside(Guid.Empty));
    }

    [Fact]
    public void A_recording_is_the_same_by_what_was_recorded_when_and_not_by_where_it_is_stored()
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
    public void The_id_beside_another_event_is_the_clients_id_and_what_is_said()
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
