using System.Text;

namespace Sessions.Domain.Tests.Events;

/// <summary>What is read of an event's properties, and what counts as absent.</summary>
public sealed class EventFactsTests
{
    [Theory]
    [InlineData("59999", 60_000.0, "just under the least is the least")]
    [InlineData("60000", 60_000.0, "the least, 60 seconds")]
    [InlineData("60000.5", 60_000.5, "a fraction")]
    [InlineData("1800000", 1_800_000.0, "half an hour")]
    [InlineData("36000000", 36_000_000.0, "the most, ten hours")]
    [InlineData("36000001", 36_000_000.0, "just over the most is the most")]
    [InlineData("1e300", 36_000_000.0, "far over it too")]
    [InlineData("\"1800000\"", 1_800_000.0, "a number as text")]
    [InlineData("1", 60_000.0, "the least for anything above nothing")]
    [InlineData("0", null, "nothing is the default")]
    [InlineData("-60000", null, "so is a negative one")]
    [InlineData("\"NaN\"", null, "what is no number")]
    [InlineData("\"Infinity\"", null, "nor an end")]
    [InlineData("1e999", null, "a number beyond all numbers")]
    [InlineData("\"half an hour\"", null, "text")]
    [InlineData("\"60000 ms\"", null, "a number with a unit")]
    [InlineData("\"\"", null, "empty text")]
    [InlineData("true", null, "a truth")]
    [InlineData("null", null, "null")]
    [InlineData("[60000]", null, "a list")]
    public void The_clients_idle_timeout(string json, double? milliseconds, string because) =>
        Assert.True(
            milliseconds == Read($$"""{"$configured_session_timeout_ms":{{json}}}""").IdleTimeout?.TotalMilliseconds, because);

    [Theory]
    [InlineData("\"news\"", "news", "text")]
    [InlineData("\" \"", " ", "a blank is text")]
    [InlineData("\"NULL\"", "NULL", "so is null in capitals")]
    [InlineData("\"\"", null, "empty text is absent")]
    [InlineData("\"null\"", null, "the word null is absent")]
    [InlineData("null", null, "null is absent")]
    [InlineData("7", "7", "a number is text")]
    [InlineData("1.50", "1.50", "as it was written")]
    [InlineData("true", "true", "a truth is text")]
    [InlineData("false", "false", "an untruth too")]
    [InlineData("{\"a\":1}", null, "an object is absent")]
    [InlineData("[\"a\"]", null, "a list is absent")]
    [InlineData("\"a\\u00e4\\n\"", "aä\n", "escapes are undone")]
    public void A_text(string json, string? text, string because) =>
        Assert.True(text == Read($$"""{"utm_source":{{json}}}""").UtmSource, because);

    [Theory]
    [InlineData("true", true)]
    [InlineData("\"true\"", true)]
    [InlineData("false", false)]
    [InlineData("1", false)]
    [InlineData("null", false)]
    public void Whether_the_person_is_identified(string json, bool identified) =>
        Assert.Equal(identified, Read($$"""{"$is_identified":{{json}}}""").IsIdentified);

    [Theory]
    [InlineData(2_047, 2_047)]
    [InlineData(2_048, 2_048)]
    [InlineData(2_049, 2_048)]
    public void A_longer_text_is_cut(int length, int kept) =>
        Assert.Equal(kept, Read($$"""{"utm_source":"{{new string('x', length)}}"}""").UtmSource!.Length);

    [Fact]
    public void A_text_is_not_cut_within_a_character() =>
        Assert.Equal(2_047, Read($$"""{"utm_source":"{{new string('x', 2_047)}}😀"}""").UtmSource!.Length);

    [Fact]
    public void Of_a_name_that_comes_twice_the_last_holds() =>
        Assert.Equal("b", Read("""{"utm_source":"a","utm_source":"b"}""").UtmSource);

    [Fact]
    public void A_name_may_be_written_with_escapes() =>
        Assert.Equal("https://x.org", Read("""{"\u0024current_url":"https://x.org"}""").CurrentUrl);

    [Fact]
    public void Names_within_values_are_not_the_events_own() =>
        Assert.Null(Read("""{"$set":{"$browser":"Firefox"},"list":[{"$browser":"Firefox"}]}""").Browser);

    [Theory]
    [InlineData("", true, "nothing is an event without properties")]
    [InlineData("{}", true, "so is an empty object")]
    [InlineData("[]", false, "a list")]
    [InlineData("7", false, "a number")]
    [InlineData("{\"a\":", false, "half an object")]
    [InlineData("{} {}", false, "two objects")]
    [InlineData("{\"utm_source\":\"\\ud800\"}", false, "half a character")]
    public void Properties_are_an_object(string json, bool readable, string because) =>
        Assert.True(readable == EventFactsReader.TryRead(Encoding.UTF8.GetBytes(json), out _), because);

    private static EventFacts Read(string json)
    {
        Assert.True(EventFactsReader.TryRead(Encoding.UTF8.GetBytes(json), out EventFacts facts), json);
        return facts;
    }
}
