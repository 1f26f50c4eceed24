using static Sessions.Tests.Gateway.Capture.Bodies;

namespace Sessions.Tests.Gateway.Capture;

/// <summary>An event's place among its sender's events: its place in the body, unless it says another one.</summary>
public sealed class SenderOrderTests
{
    [Theory]
    [InlineData("""{"api_key":"phc_good","batch":[A,B,C]}""")]
    [InlineData("""[A,B,C]""")]
    [InlineData("""{"batch":[A,B,C],"api_key":"phc_good","sender_order":70}""")] // of nothing: an envelope is no event
    public void It_is_the_place_in_the_body(string body) => Assert.Equal([0, 1, 2], OrdersOf(body));

    [Fact]
    public void An_event_that_is_dropped_keeps_its_place_to_itself() =>
        Assert.Equal([1, 3], OrdersOf("""[7,A,{"event":"","api_key":"phc_good"},B]"""));

    [Fact]
    public void A_single_event_has_the_first_place() => Assert.Equal([0], OrdersOf("A"));

    [Theory]
    [InlineData("0", 0)]
    [InlineData("7", 7)]
    [InlineData("9223372036854775807", long.MaxValue)]
    // No such number: the place in the body holds.
    [InlineData("-1", 1)]
    [InlineData("1.5", 1)]
    [InlineData("1e3", 1)]
    [InlineData("9223372036854775808", 1)]
    [InlineData("\"7\"", 1)]
    [InlineData("null", 1)]
    [InlineData("true", 1)]
    [InlineData("[7]", 1)]
    [InlineData("""{"sender_order":7}""", 1)]
    [InlineData("7,\"sender_order\":\"last\"", 1)]
    public void An_event_may_say_another_one(string said, long expected) =>
        Assert.Equal(
            [0, expected],
            OrdersOf($$"""[A,{"event":"b","distinct_id":"anna","api_key":"phc_good","sender_order":{{said}}}]"""));

    [Fact]
    public void A_property_of_that_name_says_nothing_of_it() =>
        Assert.Equal([0, 1], OrdersOf("""
            [A,{"event":"b","distinct_id":"anna","api_key":"phc_good","properties":{"sender_order":0}}]
            """));

    private static long[] OrdersOf(string body)
    {
        foreach (string name in (string[])["A", "B", "C"])
        {
            body = body.Replace(name, $$"""{"event":"a","distinct_id":"anna","api_key":"phc_good"}""", StringComparison.Ordinal);
        }

        return [.. Taken(Parse(body)).Events.Select(captured => captured.Event.SenderOrder)];
    }
}
