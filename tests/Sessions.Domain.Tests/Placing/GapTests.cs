
namespace Sessions.Domain.Tests.Placing;

/// <summary>
/// Events without a session id: a gap of more than the idle timeout of 30 minutes starts a new session, and so does an
/// event more than 24 hours after the session's start.
/// </summary>
public sealed class GapTests
{
    [Theory]
    [InlineData("0 29.999", "0 29.999", "just under the timeout")]
    [InlineData("0 30", "0 30", "exactly the timeout")]
    [InlineData("0 30.001", "0 | 30.001", "just over the timeout")]
    [InlineData("0 30 60 90", "0 30 60 90", "each gap counts, not their sum")]
    [InlineData("0 30 60.001 90", "0 30 | 60.001 90", "only the gap that is over it")]
    [InlineData("0 0 0", "0 0 0", "no gap at all")]
    public void A_gap_over_the_idle_timeout_starts_a_new_session(string story, string sessions, string because) =>
        Assert.True(sessions == Visits.Of(story), because);

    [Theory]
    [InlineData("0/5 5", "0 5", "exactly the client's timeout of five minutes")]
    [InlineData("0/5 5.001", "0 | 5.001", "just over it")]
    [InlineData("0 5.001/5 20", "0 5.001 | 20", "a client may say it later")]
    [InlineData("0/60 60", "0 60", "exactly the client's timeout of an hour")]
    [InlineData("0/60 60.001", "0 | 60.001", "just over it")]
    [InlineData("0/5 3/10 13", "0 3 13", "the longest holds")]
    [InlineData("0/10 3/5 13", "0 3 13", "in either order")]
    public void A_gap_over_the_clients_timeout_starts_a_new_session(string story, string sessions, string because) =>
        Assert.True(sessions == Visits.Of(story), because);

    [Theory]
    [InlineData(1_439.999, true, "just under 24 hours")]
    [InlineData(1_440, true, "exactly 24 hours")]
    [InlineData(1_440.001, false, "just over 24 hours")]
    public void An_event_more_than_24_hours_after_the_start_starts_a_new_session(
        double minute, bool isSame, string because)
    {
        string day = string.Join(' ', Enumerable.Range(0, 49).Select(half => half * 30).Where(half => half < minute));
        string last = minute.ToString(System.Globalization.CultureInfo.InvariantCulture);
        Assert.True((isSame ? $"{day} {last}" : $"{day} | {last}") == Visits.Of($"{day} {last}"), because);
    }

    [Fact]
    public void A_late_event_does_not_extend_a_session_backwards_beyond_24_hours()
    {
        string day = string.Join(' ', Enumerable.Range(1, 48).Select(half => half * 30));
        Assert.Equal($"0 {day}", Visits.Of($"{day} 0"));
        Assert.Equal($"29.999 {day} 1469.999", Visits.Of($"{day} 1469.999 29.999"));
        Assert.Equal($"29.998 | {day} 1469.999", Visits.Of($"{day} 1469.999 29.998"));
    }
}
