
namespace Sessions.Domain.Tests.Placing;

/// <summary>
/// A reset ends the live session at its time: later events start another session, earlier events stay.
/// </summary>
public sealed class ResetTests
{
    [Theory]
    [InlineData("0 reset@10 9.999", "0 9.999", "just before the reset")]
    [InlineData("0 reset@10 10", "0 10", "exactly at the reset")]
    [InlineData("0 reset@10 10.001", "0 | 10.001", "just after the reset")]
    [InlineData("0 10 reset@10 20 5", "0 5 10 | 20", "a late event stays in its session")]
    [InlineData("0 reset@10 20 10.001", "0 | 10.001 20", "a late event after the reset comes before the new one's start")]
    [InlineData("0 reset@10 20 10", "0 10 | 20", "the new session does not reach back over the reset")]
    [InlineData("0 reset@28 40 -5", "-5 0 | 40", "the old one may still begin earlier")]
    [InlineData("0 20 reset@10 21", "0 20 | 21", "a reset is never before the last event")]
    [InlineData("reset@0 1", "1", "nothing to reset")]
    [InlineData("0 reset@31 20", "0 20", "what has idled is not reset, and may take more")]
    [InlineData("0 reset@10 reset@20 15", "0 | 15", "a second one finds nothing live")]
    [InlineData("0 reset@10 11 reset@12 13 11.5 5", "0 5 | 11 11.5 | 13", "each session keeps its own time")]
    public void Events_after_a_reset_start_a_new_session(string story, string sessions, string because) =>
        Assert.True(sessions == Visits.Of(story), $"{because}: {Visits.Of(story)}");

    [Theory]
    [InlineData("0 reset@10", "reset", "it is reset")]
    [InlineData("0 reset@10 10", "reset", "for good")]
    [InlineData("0 reset@29.999", "reset", "just before it idles")]
    [InlineData("0 reset@30", "idle", "it has idled at that instant")]
    [InlineData("0#1 reset@10 11#1", "reset", "also when its client goes on naming it")]
    public void A_reset_ends_only_the_session_that_is_live_at_its_time(string story, string ends, string because) =>
        Assert.True(ends == Visits.EndsOf(story), because);
}
