
namespace Sessions.Domain.Tests.Placing;

/// <summary>
/// A client that names its session decides: the server neither splits nor merges that session. Events without an id
/// join the client session of their time, or else a session that the server makes.
/// </summary>
public sealed class ClientSessionTests
{
    [Theory]
    [InlineData("0#1 7200#1", "0 7200", "five days are one session")]
    [InlineData("0#1 0#2 1#1", "0 1 | 0", "two at once are two")]
    [InlineData("0=ann#1 1=ben#1", "0 1", "whoever it is")]
    [InlineData("0#1 reset@1 2#1", "0 2", "even after a reset")]
    public void A_client_session_is_neither_split_nor_merged(string story, string sessions, string because) =>
        Assert.True(sessions == Visits.Of(story), $"{because}: {Visits.Of(story)}");

    [Theory]
    [InlineData("0#1 20#1 10", "0 10 20", "within it")]
    [InlineData("0#1 7200#1 3600", "0 3600 7200", "within it, however long it is")]
    [InlineData("0#1 20#1 50", "0 20 50", "exactly the timeout after it")]
    [InlineData("0#1 20#1 50.001", "0 20 | 50.001", "just over the timeout after it: the server makes one")]
    [InlineData("0#1 20#1 -30", "-30 0 20", "exactly the timeout before it")]
    [InlineData("0#1 20#1 -30.001", "-30.001 | 0 20", "just over the timeout before it")]
    [InlineData("0 20 5#1 15#1 10", "0 20 | 5 10 15", "the client's goes before the server's")]
    [InlineData("0#1 10#2 20", "0 | 10 20", "of two the one that began last")]
    [InlineData("0#1 10#2 20#1 5", "0 5 20 | 10", "the one that covers it")]
    [InlineData("0=ann#1 1=ben", "0 | 1", "another user does not join")]
    public void Events_without_a_session_id_join_the_client_session_of_their_time(
        string story, string sessions, string because) =>
        Assert.True(sessions == Visits.Of(story), $"{because}: {Visits.Of(story)}");

    [Theory]
    [InlineData("0#1 29.999#2", "new_client_session, live", "just before it idles")]
    [InlineData("0#1 30#2", "idle, live", "it has idled at that instant")]
    [InlineData("0#1 30.001#2", "idle, live", "just after")]
    public void The_next_client_session_ends_the_one_before_it(string story, string ends, string because) =>
        Assert.True(ends == Visits.EndsOf(story), because);
}
