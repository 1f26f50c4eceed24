using System.Text;
using System.Text.Json;
using Sessions.Domain.Replay;

namespace Sessions.Domain.Tests.Replay;

/// <summary>Which facts are read from an rrweb event, whatever else it has and in whatever order.</summary>
public sealed class ReplayFactsTests
{
    private const string Nested = """{"timestamp":9,"type":9,"data":{"source":9},"source":9,"href":"https://no.example","level":"error","x":[{"type":9}]}""";

    [Theory]
    [InlineData("""{"timestamp":7}""", 7, -1, -1, -1, "the time alone")]
    [InlineData("""{"timestamp":7.9}""", 7, -1, -1, -1, "a fraction of a millisecond")]
    [InlineData("""{"timestamp":1}""", 1, -1, -1, -1, "the first millisecond")]
    [InlineData("""{"timestamp":253402300799999}""", 253_402_300_799_999, -1, -1, -1, "the last one")]
    [InlineData("""{"data":{"type":3,"source":2},"type":3,"timestamp":7}""", 7, 3, 2, 3, "another order")]
    [InlineData("""{"timestamp":7,"type":"3","data":{"source":"2","type":null}}""", 7, -1, -1, -1, "texts are no numbers")]
    [InlineData("""{"timestamp":7,"type":3.5,"data":{"source":9999999999,"type":2}}""", 7, -1, -1, 2, "nor are fractions and what is too large")]
    [InlineData("""{"timestamp":7,"type":{"type":1},"data":{"source":[1],"type":{"source":1}}}""", 7, -1, -1, -1, "nor are objects and lists")]
    [InlineData("""{"timestamp":7,"type":3,"data":[{"source":2}]}""", 7, 3, -1, -1, "data that is a list")]
    [InlineData("""{"timestamp":7,"type":3,"data":null,"delay":5}""", 7, 3, -1, -1, "data that is null")]
    [InlineData("""{"\u0074ype":4,"timestamp":7,"type":3}""", 7, 3, -1, -1, "an escaped name counts for nothing")]
    [InlineData("""{"x":NESTED,"timestamp":7,"type":3,"data":{"x":NESTED,"source":2,"tag":NESTED,"plugin":NESTED,"payload":{"x":NESTED,"level":NESTED,"href":NESTED},"href":NESTED,"type":1}}""", 7, 3, 2, 1, "names within other values")]
    [InlineData("""{"timestamp":7,"type":3,"data":{"payload":[NESTED],"source":2}}""", 7, 3, 2, -1, "a payload that is a list")]
    [InlineData("""{"timestamp":7,"type":3,"data":{"payload":"x","source":2}}""", 7, 3, 2, -1, "or a text")]
    [InlineData("""{"timestamp":7,"data":{"payload":{"level":[NESTED],"x":[NESTED]},"plugin":[1],"tag":[1],"source":2},"type":3}""", 7, 3, 2, -1, "lists within it")]
    public void Numbers_of_an_rrweb_event_are_read(
        string json, long time, int type, int source, int interaction, string because)
    {
        Assert.True(TryRead(json, out ReplayFacts facts), because);
        Assert.True(new ReplayFacts(time, type, source, interaction, ConsoleLevel.None, null) == facts, $"{because}: {facts}");
    }

    [Theory]
    [InlineData("""{"timestamp":0.9}""", "before the first millisecond")]
    [InlineData("""{"timestamp":253402300800000}""", "after the last one")]
    [InlineData("""{"timestamp":{"timestamp":7}}""", "an object")]
    [InlineData("""{"timestamp":[7]}""", "a list")]
    [InlineData("""{"timestamp":true}""", "a truth")]
    [InlineData("""{"data":{"timestamp":7}}""", "a time that is not the event's")]
    [InlineData("""{"timestamp":7,"type":""", "half an object")]
    [InlineData("", "nothing")]
    public void An_rrweb_event_with_an_invalid_time_is_not_read(string json, string because)
    {
        Assert.False(TryRead(json, out ReplayFacts facts), because);
        Assert.Equal(default, facts);
    }

    [Theory]
    [InlineData("""{"type":4,"data":{"href":"https://a.example"}}""", "https://a.example", "a page")]
    [InlineData("""{"type":4,"data":{"href":" https://a.example\n"}}""", "https://a.example", "with blanks around it")]
    [InlineData("""{"type":4,"data":{"href":"https:\/\/a.example"}}""", "https://a.example", "with escapes")]
    [InlineData("""{"type":4,"data":{"href":" "}}""", null, "a blank")]
    [InlineData("""{"type":4,"data":{"href":7}}""", null, "a number")]
    [InlineData("""{"type":4,"data":{"href":"a\u0000b"}}""", null, "a NUL in it")]
    [InlineData("""{"type":4,"data":{"href":"a\ud800b"}}""", null, "half a character in it")]
    [InlineData("""{"type":3,"data":{"href":"https://a.example"}}""", null, "another kind of event")]
    [InlineData("""{"type":5,"data":{"href":"https://a.example","tag":"$pageview"}}""", null, "a page event's own href is none")]
    [InlineData("""{"type":5,"data":{"tag":"$pageview","payload":{"href":"https://a.example"}}}""", "https://a.example", "a page event")]
    [InlineData("""{"type":5,"data":{"tag":"$url_changed","payload":{"href":"https://a.example"}}}""", "https://a.example", "a change of the address")]
    [InlineData("""{"type":5,"data":{"payload":{"href":"https://a.example"},"tag":"$pageview"}}""", "https://a.example", "the tag behind the payload")]
    [InlineData("""{"type":5,"data":{"tag":"$pageleave","payload":{"href":"https://a.example"}}}""", null, "another tag")]
    [InlineData("""{"type":5,"data":{"tag":["$pageview"],"payload":{"href":"https://a.example"}}}""", null, "no tag")]
    [InlineData("""{"type":4,"data":{"tag":"$pageview","payload":{"href":"https://a.example"}}}""", null, "a tag of another kind of event")]
    public void The_url_of_an_rrweb_event_is_read(string json, string? href, string because)
    {
        Assert.True(TryRead(json.Insert(1, "\"timestamp\":7,"), out ReplayFacts facts), because);
        Assert.True(href == facts.Href, $"{because}: {facts.Href}");
    }

    [Theory]
    [InlineData(4_095, 4_095, "a shorter one")]
    [InlineData(4_096, 4_096, "the longest")]
    [InlineData(4_097, 4_096, "a longer one")]
    public void A_long_url_is_cut(int length, int kept, string because) =>
        Assert.True(kept == Href(new string('x', length)).Length, because);

    [Fact]
    public void A_url_is_not_cut_within_a_character() =>
        Assert.Equal(4_095, Href(new string('x', 4_095) + "😀").Length);

    [Theory]
    [InlineData("""{"type":6,"data":{"plugin":"rrweb/console@1","payload":{"level":"log"}}}""", ConsoleLevel.Log, "a message")]
    [InlineData("""{"type":6,"data":{"plugin":"rrweb/console@1"}}""", ConsoleLevel.Log, "one without a payload")]
    [InlineData("""{"type":6,"data":{"plugin":"rrweb/console@1","payload":{"level":7,"x":1}}}""", ConsoleLevel.Log, "a level that is a number")]
    [InlineData("""{"type":6,"data":{"plugin":"rrweb/console@1","payload":{"level":["error"]}}}""", ConsoleLevel.Log, "or a list")]
    [InlineData("""{"type":6,"data":{"payload":{"level":"warn"},"plugin":"rrweb/console@1"}}""", ConsoleLevel.Warn, "the plugin behind its payload")]
    [InlineData("""{"type":6,"data":{"plugin":["rrweb/console@1"],"payload":{"level":"warn"}}}""", ConsoleLevel.None, "no plugin")]
    [InlineData("""{"type":5,"data":{"plugin":"rrweb/console@1","payload":{"level":"warn"}}}""", ConsoleLevel.None, "another kind of event")]
    public void The_level_of_a_console_message_is_read(string json, ConsoleLevel level, string because)
    {
        Assert.True(TryRead(json.Insert(1, "\"timestamp\":7,"), out ReplayFacts facts), because);
        Assert.True(level == facts.Console, $"{because}: {facts.Console}");
    }

    [Fact]
    public void Events_of_a_list_are_read_one_after_the_other()
    {
        var reader = new Utf8JsonReader(Encoding.UTF8.GetBytes($$"""[{"timestamp":1,"x":{{Nested}}},[{{Nested}}],7,{"timestamp":2}]"""));
        List<long?> times = [];
        reader.Read();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            times.Add(ReplayFactsReader.TryRead(ref reader, out ReplayFacts facts) ? facts.TimeMs : null);
        }

        Assert.Equal([1, null, null, 2], times);
    }

    [Fact]
    public void User_actions_are_recognized_by_the_source_of_the_rrweb_event()
    {
        Assert.Equal([1, 2, 3, 4, 5, 6, 7, 12], Sources(facts => facts.IsActive));
        Assert.Equal([1, 2, 6], Sources(facts => facts.IsMouseActivity));
        Assert.Equal([5], Sources(facts => facts.IsKeypress));
        Assert.Equal(
            [2, 3, 4, 9],
            Enumerable.Range(-1, 15).Where(interaction => new ReplayFacts(1, 3, 2, interaction, ConsoleLevel.None, null).IsClick));
        Assert.False(new ReplayFacts(1, 3, 1, 2, ConsoleLevel.None, null).IsClick);

        static IEnumerable<int> Sources(Func<ReplayFacts, bool> counts)
        {
            IEnumerable<int> all = Enumerable.Range(-1, 20);
            Assert.DoesNotContain(all, source => counts(new ReplayFacts(1, 2, source, 2, ConsoleLevel.None, null)));
            return all.Where(source => counts(new ReplayFacts(1, 3, source, 2, ConsoleLevel.None, null)));
        }
    }

    private static string Href(string text)
    {
        Assert.True(TryRead($$$"""{"timestamp":7,"type":4,"data":{"href":"{{{text}}}"}}""", out ReplayFacts facts));
        return facts.Href!;
    }

    private static bool TryRead(string json, out ReplayFacts facts) =>
        ReplayFactsReader.TryRead(Encoding.UTF8.GetBytes(json.Replace("NESTED", Nested, StringComparison.Ordinal)), out facts);
}
