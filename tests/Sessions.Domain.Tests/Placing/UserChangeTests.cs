
namespace Sessions.Domain.Tests.Placing;

/// <summary>Another identified user starts a new session. Becoming identified does not.</summary>
public sealed class UserChangeTests
{
    [Theory]
    [InlineData("0 1=ann", "0 1", "anonymous to identified stays")]
    [InlineData("0 1=ann 2", "0 1 2", "and so do anonymous events after it")]
    [InlineData("0=ann 1=ann", "0 1", "the same user stays")]
    [InlineData("0=ann 1=ben", "0 | 1", "another one does not")]
    [InlineData("0=ann 1=ben 2=ann", "0 | 1 | 2", "nor the first one coming back")]
    [InlineData("0=ann 1=ben 2", "0 | 1 2", "an anonymous event is of the latest user")]
    [InlineData("0=ann 2=ben 1", "0 1 | 2", "or of who was there at its time")]
    [InlineData("0=ann 31 32=ben", "0 | 31 | 32", "a new session after a gap is still hers")]
    [InlineData("0=ann 31 32=ann", "0 | 31 32", "she goes on in it")]
    [InlineData("0=ann 31=ben 32=ben", "0 | 31 32", "the gap and the user at once")]
    [InlineData("0=ann reset@1 2 3=ben", "0 | 2 3", "a reset forgets her")]
    [InlineData("0=ann reset@1 2 33 34=ben", "0 | 2 | 33 34", "for all sessions after it")]
    [InlineData("0=ann reset@1 2=ben 3=ann", "0 | 2 | 3", "but not who comes next")]
    [InlineData("10 9=ann", "9 10", "she may have been there before")]
    [InlineData("10=ben 9=ann", "9 | 10", "or before him")]
    public void Another_identified_user_starts_a_new_session_and_becoming_identified_does_not(
        string story, string sessions, string because) =>
        Assert.True(sessions == Visits.Of(story), $"{because}: {Visits.Of(story)}");

    [Fact]
    public void A_change_of_user_separates_sessions_however_late_the_events_come() =>
        Assert.Equal("0 | 1 2 | 100000", Visits.Of("100000 0=ann 1=ben 2"));

    [Theory]
    [InlineData("0=ann 1=ben", "user_changed, live")]
    [InlineData("0=ann 30 40=ben", "user_changed, live")]
    [InlineData("0=ann 31=ben", "idle, live")]
    [InlineData("0=ann 31 32=ben", "idle, user_changed, live")]
    public void A_change_of_user_ends_the_session_unless_it_has_idled(string story, string ends) =>
        Assert.Equal(ends, Visits.EndsOf(story));
}
