using System.Text;
using Sessions.Domain.Events;

namespace Sessions.Domain.Tests.Events;

/// <summary>Which facts are read from an event's properties, and which values count as absent.</summary>
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
    public void The_clients_idle_timeout_is_read_and_kept_within_its_limits(
        string json, double? milliseconds, string because) =>
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
    public void A_text_property_is_read_as_text_or_as_absent(string json, string? text, string because) =>
        Assert.True(text == Read($$"""{"utm_source":{{json}}}""").UtmSource, because);

    [Theory]
    [InlineData("true", true)]
    [InlineData("\"true\"", true)]
    [InlineData("false", false)]
    [InlineData("1", false)]
    [InlineData("null", false)]
    public void The_property_is_identified_is_read_as_a_boolean(string json, bool identified) =>
        Assert.Equal(identified, Read($$"""{"$is_identified":{{json}}}""").IsIdentified);

    [Theory]
    [InlineData(2_047, 2_047)]
    [InlineData(2_048, 2_048)]
    [InlineData(2_049, 2_048)]
    public void A_text_over_the_length_limit_is_cut(int length, int kept) =>
        Assert.Equal(kept, Read($$"""{"utm_source":"{{new string('x', length)}}"}""").UtmSource!.Length);

    [Fact]
    public void A_text_is_not_cut_within_a_character() =>
        Assert.Equal(2_047, Read($$"""{"utm_source":"{{new string('x', 2_047)}}😀"}""").UtmSource!.Length);

    [Fact]
    public void Each_property_is_read_into_its_own_field()
    {
        EventFacts facts = Read("""
            {"$current_url":"1","$screen_name":"2","$referring_domain":"3","utm_source":"4","utm_campaign":"5","utm_medium":"6",
            "utm_term":"7","utm_content":"8","$external_click_url":"9","$device_type":"10","$browser":"11","$os":"12",
            "$geoip_country_code":"13","gclid":"14","irclid":"15"}
            """);

        Assert.Equal(
            ["1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12", "13", "14", "15"],
            [
                facts.CurrentUrl, facts.ScreenName, facts.ReferringDomain, facts.UtmSource, facts.UtmCampaign, facts.UtmMedium,
                facts.UtmTerm, facts.UtmContent, facts.ExternalClickUrl, facts.DeviceType, facts.Browser, facts.Os,
                facts.Country, facts.AdIdValues?[0], facts.AdIdValues?[^1],
            ]);
        Assert.Equal(AdIds.Names.Count, facts.AdIdValues?.Count);
    }

    [Fact]
    public void An_event_without_ad_ids_has_no_list_of_ad_ids() =>
        Assert.Null(Read("""{"utm_source":"news"}""").AdIdValues);

    [Fact]
    public void An_unknown_property_name_of_any_length_is_skipped()
    {
        for (int length = 0; length < 40; length++)
        {
            Assert.Equal("b", Read($$"""{"{{new string('x', length)}}":"a","utm_source":"b"}""").UtmSource);
        }
    }

    [Fact]
    public void Properties_after_an_object_in_place_of_a_text_are_read()
    {
        EventFacts facts = Read("""{"utm_source":{"utm_medium":"a"},"utm_term":"b"}""");

        Assert.Equal((null, null, "b"), (facts.UtmSource, facts.UtmMedium, facts.UtmTerm));
    }

    [Fact]
    public void Events_with_the_same_text_share_one_string() =>
        // Another test may take the text's place in between.
        Assert.Contains(
            Enumerable.Range(0, 5),
            _ => ReferenceEquals(Read("""{"$browser":"Shared"}""").Browser, Read("""{"$browser":"Shared"}""").Browser));

    [Fact]
    public void When_a_property_comes_twice_the_last_one_counts() =>
        Assert.Equal("b", Read("""{"utm_source":"a","utm_source":"b"}""").UtmSource);

    [Fact]
    public void A_property_name_with_escapes_is_recognized() =>
        Assert.Equal("https://x.org", Read("""{"\u0024current_url":"https://x.org"}""").CurrentUrl);

    [Fact]
    public void Property_names_inside_nested_values_are_ignored() =>
        Assert.Null(Read("""{"$set":{"$browser":"Firefox"},"list":[{"$browser":"Firefox"}]}""").Browser);

    [Theory]
    [InlineData("", true, "nothing is an event without properties")]
    [InlineData("{}", true, "so is an empty object")]
    [InlineData("[]", false, "a list")]
    [InlineData("7", false, "a number")]
    [InlineData("{\"a\":", false, "half an object")]
    [InlineData("{} {}", false, "two objects")]
    [InlineData("{\"utm_source\":\"\\ud800\"}", false, "half a character")]
    public void Properties_are_readable_only_when_they_are_an_object_or_empty(
        string json, bool readable, string because) =>
        Assert.True(readable == EventFactsReader.TryRead(Encoding.UTF8.GetBytes(json), out _), because);

    private static EventFacts Read(string json)
    {
        Assert.True(EventFactsReader.TryRead(Encoding.UTF8.GetBytes(json), out EventFacts facts), json);
        return facts;
    }
}
