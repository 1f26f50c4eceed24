using static Sessions.Tests.Capture.Bodies;

namespace Sessions.Tests.Capture;

/// <summary>
/// An event's position among its sender's events: its position in the body, unless the event has another one.
/// </summary>
public sealed class SenderOrderTests
{
    [Theory]
    [InlineData("""{"api_key":"phc_good","batch":[A,B,C]}""")]
    [InlineData("""[A,B,C]""")]
    [InlineData("""{"batch":[A,B,C],"api_key":"phc_good","sender_order":70}""")] // of nothing: an envelope is no event
    public void The_sender_order_of_an_event_is_its_position_in_the_body(string body) =>
        Assert.Equal([0, 1, 2], OrdersOf(body));

    [Fact]
    public void A_dropped_event_keeps_its_position_and_the_others_keep_theirs() =>
        Assert.Equal([1, 3], OrdersOf("""[7,A,{"event":"","api_key":"phc_good"},B]"""));

    [Fact]
    public void A_single_event_has_the_first_position() => Assert.Equal([0], OrdersOf("A"));

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
    public void A_valid_sender_order_of_an_event_replaces_its_position(string said, long expected) =>
        Assert.Equal(
            [0, expected],
            OrdersOf($$"""[A,{"event":"b","distinct_id":"anna","api_key":"phc_good","sender_order":{{said}}}]"""));

    [Fact]
    public void A_property_named_sender_order_is_ignored() =>
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
