using static Sessions.Tests.Capture.Bodies;

namespace Sessions.Tests.Capture;

public sealed class BodyShapeTests
{
    [Theory]
    // posthog-js of today: an envelope, also for one event
    [InlineData("""{"api_key":"phc_good","batch":[{"event":"a","properties":{"distinct_id":"anna"}}],"sent_at":"2026-03-04T12:00:00Z"}""")]
    // posthog-js of before: an array, or one object, with the token among the properties
    [InlineData("""[{"event":"a","properties":{"token":"phc_good","distinct_id":"anna"}}]""")]
    [InlineData("""{"event":"a","properties":{"token":"phc_good","distinct_id":"anna"}}""")]
    // posthog-node, posthog-python, mobile
    [InlineData("""{"batch":[{"event":"a","distinct_id":"anna","type":"capture","library":"posthog-node"}],"api_key":"phc_good","historical_migration":true}""")]
    [InlineData("""{"token":"phc_good","timestamp":"2026-03-04T12:00:00Z","batch":[{"event":"a","distinct_id":"anna"}]}""")]
    // All spellings of the token and the distinct id
    [InlineData("""{"event":"a","distinct_id":"anna","token":"phc_good"}""")]
    [InlineData("""{"event":"a","distinct_id":"anna","$token":"phc_good"}""")]
    [InlineData("""{"event":"a","$distinct_id":"anna","api_key":"phc_good"}""")]
    [InlineData("""[{"event":"a","distinct_id":"anna","api_key":"phc_good"}]""")]
    [InlineData("""{"event":"a","distinct_id":null,"properties":{"distinct_id":"anna"},"api_key":"phc_good"}""")] // null is none
    [InlineData("""{"event":"a","distinct_id":"anna","properties":{"distinct_id":"bert"},"api_key":"phc_good"}""")] // the top one wins
    [InlineData("""{"event":"a","distinct_id":"anna","properties":null,"api_key":"phc_good","uuid":null}""")]
    [InlineData("\uFEFF \n{\"event\":\"a\",\"distinct_id\":\"anna\",\"api_key\":\"phc_good\"} \n")]
    public void An_event_is_read_from_a_body_of_any_accepted_shape(string body)
    {
        var taken = Taken(Parse(body.Replace("\uFEFF ", "\uFEFF", StringComparison.Ordinal)));

        Assert.Equal(Project, taken.Project);
        Assert.Empty(taken.Dropped);
        var (index, captured, _) = Assert.Single(taken.Events);
        Assert.Equal((0, "a", "anna"), (index, captured.Name, captured.DistinctId));
    }

    [Theory]
    [InlineData("42", "42")]
    [InlineData("4.20", "4.20")]
    [InlineData("true", "true")]
    [InlineData("""{"id":7}""", """{"id":7}""")]
    [InlineData("""["a",1]""", """["a",1]""")]
    [InlineData("\"tab\\tand \\u00e9\"", "tab\tand é")]
    [InlineData("\"nul\\u0000\"", "nul\uFFFD")]
    [InlineData("\"cut \\ud83d\"", "cut \uFFFD")]
    [InlineData("\"\\ude00\\ud83d\\ude00\"", "\uFFFD\U0001F600")]
    public void A_distinct_id_of_any_json_type_is_read_as_text(string id, string expected) =>
        Assert.Equal(expected, One(Parse($$"""{"api_key":"phc_good","event":"a","distinct_id":{{id}}}""")).DistinctId);

    [Theory]
    [InlineData(199, 199)]
    [InlineData(200, 200)]
    [InlineData(201, 200)]
    [InlineData(10_000, 200)]
    public void An_id_over_200_characters_is_cut(int length, int expected)
    {
        var captured = One(Parse($$$"""
            {"api_key":"phc_good","event":"{{{new string('n', length)}}}","distinct_id":"{{{new string('é', length)}}}",
             "properties":{"$device_id":"{{{new string('d', length)}}}","$window_id":"{{{new string('w', length)}}}"}}
            """));

        Assert.Equal(new string('é', expected), captured.DistinctId);
        Assert.Equal(new string('n', expected), captured.Name);
        Assert.Equal(new string('d', expected), captured.DeviceId);
        Assert.Equal(new string('w', expected), captured.WindowId);
    }

    [Fact]
    public void An_id_is_not_cut_through_an_emoji() =>
        Assert.Equal(
            new string('x', 199),
            One(Parse($$"""{"api_key":"phc_good","event":"a","distinct_id":"{{new string('x', 199)}}😀"}""")).DistinctId);

    [Theory]
    [InlineData("""{"a": 1 , "b":[null,true,"é\/\n"]}""", """{"a": 1 , "b":[null,true,"é\/\n"]}""")] // byte for byte
    [InlineData("""{}""", "")]
    [InlineData("""{ }""", "")]
    [InlineData("null", "")]
    [InlineData("""{"a":"x\u0000y"}""", """{"a":"x\uFFFDy"}""")]
    [InlineData("""{"a":"\\u0000"}""", """{"a":"\\u0000"}""")] // a backslash and letters, no NUL
    [InlineData("""{"a":"\ud83d\ude00"}""", """{"a":"\ud83d\ude00"}""")]
    [InlineData("""{"a":"\uD83D"}""", """{"a":"\uFFFD"}""")]
    [InlineData("""{"a":"\ud83d\ud83d\ude00"}""", """{"a":"\uFFFD\ud83d\ude00"}""")]
    [InlineData("""{"a":"\ude00\ud83d"}""", """{"a":"\uFFFD\uFFFD"}""")]
    [InlineData("""{"a\u0000":{"\udead":[["\u0000"]]}}""", """{"a\uFFFD":{"\uFFFD":[["\uFFFD"]]}}""")]
    public void Properties_are_kept_unchanged_except_for_what_Postgres_refuses(string sent, string kept) =>
        Assert.Equal(kept, Json(One(Parse($$"""{"api_key":"phc_good","event":"a","distinct_id":"anna","properties":{{sent}}}"""))));

    [Theory]
    [InlineData("""{"a":1}""", """ "$set":{"x":1}""", """{"a":1,"$set":{"x":1}}""")]
    [InlineData("""{"a":1}""", """ "$set":{"x":1},"$set_once":{"y":"\u0000"}""", """{"a":1,"$set":{"x":1},"$set_once":{"y":"\uFFFD"}}""")]
    [InlineData("""{}""", """ "$set_once":{"y":2}""", """{"$set_once":{"y":2}}""")]
    [InlineData("""null""", """ "$set":{"x":1}""", """{"$set":{"x":1}}""")]
    [InlineData("""{"$set":{"x":0}}""", """ "$set":{"x":1}""", """{"$set":{"x":0},"$set":{"x":1}}""")] // the last one counts
    [InlineData("""{"a":1}""", """ "$set":null,"$set_once":7""", """{"a":1}""")]
    public void The_members_set_and_set_once_become_properties(string properties, string more, string kept) =>
        Assert.Equal(
            kept,
            Json(One(Parse($$"""{"api_key":"phc_good","event":"a","distinct_id":"anna","properties":{{properties}},{{more}}}"""))));

    [Theory]
    [InlineData("0190163d-8694-739b-aea5-966c26f8ad91", "0190163d-8694-739b-aea5-966c26f8ad91")]
    [InlineData("0190163D-8694-439B-AEA5-966C26F8AD91", "0190163d-8694-439b-aea5-966c26f8ad91")] // another version, another case
    [InlineData("0190163d8694739baea5966c26f8ad91", "0190163d-8694-739b-aea5-966c26f8ad91")]
    public void An_event_with_a_uuid_keeps_it(string sent, string expected) =>
        Assert.Equal(
            expected,
            One(Parse($$"""{"api_key":"phc_good","event":"a","distinct_id":"anna","uuid":"{{sent}}"}""")).Id.ToString());

    [Theory]
    [InlineData("")]
    [InlineData(""" ,"uuid":"" """)]
    [InlineData(""" ,"uuid":null """)]
    public void An_event_without_a_uuid_gets_one(string uuid)
    {
        Guid id = One(Parse($$"""{"api_key":"phc_good","event":"a","distinct_id":"anna"{{uuid}}}""")).Id;

        Assert.Equal(7, id.Version);
        Assert.StartsWith(Guid.CreateVersion7(Now).ToString()[..13], id.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\"0190163d-8694-739b-aea5-966c26f8ad91\"", "0190163d-8694-739b-aea5-966c26f8ad91", false)]
    [InlineData("\"0190163D-8694-139B-AEA5-966C26F8AD91\"", "0190163d-8694-139b-aea5-966c26f8ad91", false)]
    [InlineData("\"\"", null, false)]
    [InlineData("null", null, false)]
    [InlineData("\"00000000-0000-0000-0000-000000000000\"", null, true)] // nil
    [InlineData("\"ffffffff-ffff-ffff-ffff-FFFFFFFFFFFF\"", null, true)] // max
    [InlineData("\"0190163d8694739baea5966c26f8ad91\"", null, true)] // 32 characters
    [InlineData("\"{0190163d-8694-739b-aea5-966c26f8ad9}\"", null, true)] // 36, but not of a UUID
    [InlineData("\"0x90163d-8694-739b-aea5-966c26f8ad91\"", null, true)]
    [InlineData("\"my-session\"", null, true)]
    [InlineData("42", null, true)]
    [InlineData("""{"a":[1]}""", null, true)]
    public void A_session_id_that_is_a_uuid_names_the_clients_session(string sent, string? session, bool warns)
    {
        string properties = $$"""{"$session_id":{{sent}},"$window_id":"w"}""";
        var taken = Taken(Parse($$"""{"api_key":"phc_good","event":"a","distinct_id":"anna","properties":{{properties}}}"""));
        SessionEvent captured = taken.Events[0].Event;

        Assert.Equal(session, captured.SessionId);
        Assert.Equal("w", captured.WindowId);
        Assert.Equal(properties, Json(captured));
        Assert.Equal(warns ? ["invalid_session_id"] : [], taken.Warnings.Select(note => note.Reason));
    }
}
