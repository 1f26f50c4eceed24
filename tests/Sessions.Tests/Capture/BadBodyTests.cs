using Sessions.Capture;
using Sessions.Capture.Parsing;
using static Sessions.Tests.Capture.Bodies;

namespace Sessions.Tests.Capture;

public sealed class BadBodyTests
{
    private const string Good = """{"event":"good","distinct_id":"anna"}""";

    [Theory]
    [InlineData("", 400)]
    [InlineData("{", 400)]
    [InlineData("""{"api_key":"phc_good","batch":[{"event":"a","distinct_id":"anna"}""", 400)] // cut off
    [InlineData("""{"api_key":"phc_good","event":"a","distinct_id":"anna"} x""", 400)] // something behind
    [InlineData("""{"api_key":"phc_good","event":"a","distinct_id":"anna",}""", 400)]
    [InlineData("{'event':'a'}", 400)]
    [InlineData("null", 400)]
    [InlineData("42", 400)]
    [InlineData("\"text\"", 400)]
    [InlineData("[]", 400)]
    [InlineData("""{"api_key":"phc_good","batch":[]}""", 400)]
    [InlineData("""{"api_key":"phc_good","batch":7}""", 400)]
    [InlineData("""{"api_key":"phc_good"}""", 400)]
    [InlineData("""{"event":"a","distinct_id":"anna"}""", 401)] // no token
    [InlineData("""{"event":"a","distinct_id":"anna","token":""}""", 401)]
    [InlineData("""{"event":"a","distinct_id":"anna","token":"phc_bad"}""", 401)]
    [InlineData("""{"event":"a","distinct_id":"anna","token":"phx_personal"}""", 401)]
    [InlineData("""{"event":"a","distinct_id":"anna","token":"phc_gööd"}""", 401)]
    [InlineData("""{"event":"a","distinct_id":"anna","token":"phc_good\u0000"}""", 401)]
    [InlineData("""{"event":"a","distinct_id":"anna","token":42}""", 401)]
    [InlineData("""[{"event":"a","distinct_id":"anna","token":"phc_good"},{"event":"a","distinct_id":"anna","token":"phc_bad"}]""", 401)]
    [InlineData("""[{"event":"a","properties":{"distinct_id":"anna","token":"phc_good"}},{"event":"a","properties":{"distinct_id":"anna","token":"phc_bad"}}]""", 401)]
    public void A_body_without_anything_usable_is_refused(string body, int status) => Assert.Equal(status, Status(Parse(body)));

    [Fact]
    public void A_too_long_token_is_refused_as_unknown() =>
        Assert.Equal(401, Status(Parse($$"""{"token":"{{new string('x', 70_000)}}","event":"a","distinct_id":"anna"}""")));

    [Theory]
    [InlineData("null", "not_an_object")]
    [InlineData("7", "not_an_object")]
    [InlineData("\"event\"", "not_an_object")]
    [InlineData("""[{"event":"a","distinct_id":"anna"}]""", "not_an_object")]
    [InlineData("{}", "missing_event_name")]
    [InlineData("""{"distinct_id":"anna"}""", "missing_event_name")]
    [InlineData("""{"event":"","distinct_id":"anna"}""", "missing_event_name")]
    [InlineData("""{"event":null,"distinct_id":"anna"}""", "missing_event_name")]
    [InlineData("""{"event":{"a":1},"distinct_id":"anna"}""", "missing_event_name")]
    [InlineData("""{"event":"a"}""", "missing_distinct_id")]
    [InlineData("""{"event":"a","distinct_id":""}""", "missing_distinct_id")]
    [InlineData("""{"event":"a","distinct_id":null,"properties":{"distinct_id":null}}""", "missing_distinct_id")]
    [InlineData("""{"event":"a","distinct_id":"bert","uuid":"no uuid"}""", "invalid_uuid")]
    [InlineData("""{"event":"a","distinct_id":"bert","uuid":7}""", "invalid_uuid")]
    [InlineData("""{"event":"a","distinct_id":"bert","uuid":{"a":[]}}""", "invalid_uuid")]
    [InlineData("""{"event":"a","distinct_id":"bert","properties":[1,2]}""", "invalid_properties")]
    [InlineData("""{"event":"a","distinct_id":"bert","properties":"text"}""", "invalid_properties")]
    [InlineData("""{"event":"a","distinct_id":"bert","properties":{"n":1e400000}}""", "invalid_properties")]
    [InlineData("""{"event":"a","distinct_id":"bert","properties":{"n":[{"m":-1E+400000}]}}""", "invalid_properties")]
    [InlineData("""{"event":"a","distinct_id":"bert","$set":{"n":1e-400000}}""", "invalid_properties")]
    [InlineData("""{"event":"a","properties":{"distinct_id":1e400000}}""", "invalid_properties")]
    [InlineData("""{"event":"$snapshot","distinct_id":"bert"}""", "snapshot_on_event_path")]
    public void An_invalid_event_is_dropped_and_the_others_of_its_body_are_kept(string bad, string reason)
    {
        CaptureVerdict verdict = Parse($$"""{"api_key":"phc_good","batch":[{{Good}},{{bad}},{{Good}}]}""");

        Assert.Equal([0, 2], Taken(verdict).Events.Select(captured => captured.Index));
        Assert.Equal($"1 {reason}", Dropped(verdict));
    }

    [Theory]
    [InlineData("""{"event":"a","distinct_id":"bert","timestamp":1e400000,"offset":1e400000}""")]
    [InlineData("""{"event":"a","distinct_id":1e400000}""")]
    [InlineData("""{"event":"a","distinct_id":"bert","unknown":{"n":1e400000,"s":"\ud83d"}}""")] // not kept, so no matter
    [InlineData("""{"event":"a","distinct_id":"bert","timestamp":{},"offset":"soon","sent_at":[]}""")]
    [InlineData("""{"event":"a","distinct_id":"bert","timestamp":"cut \ud83d"}""")]
    [InlineData("""{"event":"a","distinct_id":"bert","batch":[1,2]}""")]
    public void An_event_with_odd_values_outside_its_properties_is_kept(string odd) =>
        Assert.Equal(2, Taken(Parse($$"""{"api_key":"phc_good","batch":[{{odd}},{{Good}}]}""")).Events.Count);

    [Theory]
    [InlineData(62, "")] // with the event and its properties: just under
    [InlineData(63, "1 too_deep")]
    [InlineData(2_000, "1 too_deep")]
    [InlineData(500_000, "1 too_deep")]
    public void A_too_deeply_nested_event_is_dropped_and_the_others_are_kept(int levels, string dropped)
    {
        string nested = new string('[', levels) + new string(']', levels);
        CaptureVerdict verdict = Parse($$$"""
            {"api_key":"phc_good","batch":[{{{Good}}},{"event":"a","distinct_id":"bert","properties":{"n":{{{nested}}} } },{{{Good}}}]}
            """);

        Assert.Equal(dropped, Dropped(verdict));
        Assert.Equal(dropped.Length == 0 ? 3 : 2, Taken(verdict).Events.Count);
    }

    [Fact]
    public void Deep_nesting_in_a_member_that_is_not_stored_is_accepted() =>
        Assert.Equal("anna", One(Parse(
            $$"""{"api_key":"phc_good","event":"a","distinct_id":"anna","x":{{new string('[', 2000)}}{{new string(']', 2000)}}}""")).DistinctId);

    [Theory]
    [InlineData(-1, "")]
    [InlineData(0, "")]
    [InlineData(1, "1 too_large")]
    public void An_event_over_the_limit_is_dropped(int over, string dropped)
    {
        var options = new CaptureOptions { MaxEventBytes = 2000 };
        string frame = """{"event":"a","distinct_id":"bert","properties":{"s":""}}""";
        string big = frame.Replace("\"\"", $"\"{new string('x', 2000 - frame.Length + over)}\"", StringComparison.Ordinal);

        Assert.Equal(dropped, Dropped(Parse($$"""{"api_key":"phc_good","batch":[{{Good}},{{big}}]}""", options)));
    }

    [Fact]
    public void A_body_with_only_too_large_events_gets_413()
    {
        string big = $$"""{"event":"a","distinct_id":"bert","properties":{"s":"{{new string('x', 1 << 20)}}"} }""";

        Assert.Equal(413, Status(Parse($$"""{"api_key":"phc_good","batch":[{{big}}]}""")));
        Assert.Equal(413, Status(Parse($$"""{"api_key":"phc_good","batch":[7,{{big}}]}""")));
        Assert.Equal(200, Status(Parse($$"""{"api_key":"phc_good","batch":[{{big}},{{Good}}]}""")));
    }

    [Fact]
    public void The_size_of_an_event_counts_numbers_as_Postgres_prints_them()
    {
        string numbers = string.Join(',', Enumerable.Repeat("1e131000", 10));

        Assert.Equal(
            "0 too_large",
            Dropped(Parse($$$"""{"api_key":"phc_good","batch":[{"event":"a","distinct_id":"bert","properties":{"n":[{{{numbers}}}]} },{{{Good}}}]}""")));
    }

    [Theory]
    [InlineData(2, 200)]
    [InlineData(3, 200)]
    [InlineData(4, 413)]
    public void A_body_with_too_many_events_is_refused(int count, int status)
    {
        var options = new CaptureOptions { MaxEvents = 3 };

        Assert.Equal(status, Status(Parse($$"""{"api_key":"phc_good","batch":[{{string.Join(',', Enumerable.Repeat(Good, count))}}]}""", options)));
    }

    [Fact]
    public void A_body_gets_503_while_the_tokens_are_not_loaded()
    {
        var parser = new CaptureParser(new CaptureOptions(), new KnownTokens(), NoPlaces);

        Assert.Equal(503, Status(parser.Parse("""{"api_key":"phc_good","event":"a","distinct_id":"anna"}"""u8, null, Now)));
    }
}
