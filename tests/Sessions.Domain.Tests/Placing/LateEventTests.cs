
namespace Sessions.Domain.Tests.Placing;

/// <summary>
/// A late event joins the session that covers its time, or one within the timeout of it, or else opens a session.
/// </summary>
public sealed class LateEventTests
{
    [Theory]
    [InlineData("0 20 100 10", "0 10 20 | 100", "within a session")]
    [InlineData("0 20 100 0", "0 0 20 | 100", "at its start")]
    [InlineData("0 20 100 20", "0 20 20 | 100", "at its end")]
    [InlineData("0 20 100 50", "0 20 50 | 100", "after it, exactly the timeout")]
    [InlineData("0 20 100 50.001", "0 20 | 50.001 | 100", "after it, just over the timeout")]
    [InlineData("100 70.001", "70.001 100", "before its start, just under the timeout")]
    [InlineData("100 70", "70 100", "before its start, exactly the timeout")]
    [InlineData("100 69.999", "69.999 | 100", "before its start, just over the timeout")]
    [InlineData("10000 0 30", "0 30 | 10000", "a session that opened in the past takes more events")]
    [InlineData("10000 30 0", "0 30 | 10000", "on both sides")]
    public void A_late_event_joins_the_session_that_covers_its_time_or_is_within_the_timeout(
        string story, string sessions, string because) =>
        Assert.True(sessions == Visits.Of(story), because);

    [Theory]
    [InlineData("0 50 25", "0 25 | 50", "a bridge joins the earlier one")]
    [InlineData("50 0 25", "0 25 | 50", "whichever came first")]
    [InlineData("0 60 30", "0 30 | 60", "exactly the timeout to both sides")]
    [InlineData("0 60 30.001", "0 | 30.001 60", "too far from the earlier one: it joins the later one")]
    [InlineData("0 61 30", "0 30 | 61", "too far from the later one")]
    [InlineData("0 70 35", "0 | 35 | 70", "too far from both")]
    [InlineData("0 50 25 40", "0 25 40 | 50", "once bridged the earlier one goes on")]
    [InlineData("0 50 55 25 52", "0 25 | 50 52 55", "but not into the other's time")]
    public void A_late_event_between_two_sessions_joins_the_earlier_one_that_is_near_enough(
        string story, string sessions, string because) =>
        Assert.True(sessions == Visits.Of(story), because);

    [Theory]
    [InlineData("0", "live", "it goes on")]
    [InlineData("0 31", "idle, live", "the gap has ended the first")]
    [InlineData("1000 0", "idle, live", "one that opens in the past is born ended")]
    [InlineData("0 50 25", "idle, live", "a bridge revives the earlier one and the later one replaces it: still idle, nobody changed")]
    public void A_late_event_leaves_sessions_with_these_ends(string story, string ends, string because) =>
        Assert.True(ends == Visits.EndsOf(story), $"{because}: {Visits.EndsOf(story)}");
}
