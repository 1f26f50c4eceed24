using Sessions.Domain.Events;
using Sessions.Domain.Folding;


namespace Sessions.Domain.Tests.Folding;

/// <summary>When a session is live, what revives it, and what does not.</summary>
public sealed class StatusTests
{
    private static readonly TimeSpan Timeout = TimeSpan.FromMinutes(30);

    [Theory]
    [InlineData(0, SessionStatus.Live, "received at once")]
    [InlineData(1_799.999, SessionStatus.Live, "just under the timeout")]
    [InlineData(1_800, SessionStatus.Live, "exactly the timeout")]
    [InlineData(1_800.001, SessionStatus.Ended, "just over the timeout: it opens in the past and is born ended")]
    [InlineData(-3_600, SessionStatus.Live, "a clock ahead is no lateness")]
    public void A_timely_first_event_makes_a_session_live(double lag, SessionStatus status, string because)
    {
        SessionState state = Folded.Of(new Happened("a", 0) { Lag = TimeSpan.FromSeconds(lag) });
        Assert.True((status, status == SessionStatus.Ended ? EndReason.Idle : null) == (state.Status, state.EndReason), because);
    }

    [Theory]
    [InlineData(1_800, SessionStatus.Live, "exactly the timeout")]
    [InlineData(1_800.001, SessionStatus.Ended, "just over the timeout: it only amends")]
    public void A_timely_event_revives_an_idle_session(double lag, SessionStatus status, string because)
    {
        SessionState state = Folded.Of(new Happened("a", 0)).Ended(EndReason.Idle)
            .Plus(new Happened("b", 60) { Lag = TimeSpan.FromSeconds(lag) });
        Assert.True((status, 2, 3) == (state.Status, state.EventCount, state.Number), because);
    }

    [Theory]
    [InlineData(EndReason.MaxLength)]
    [InlineData(EndReason.Reset)]
    [InlineData(EndReason.UserChanged)]
    [InlineData(EndReason.NewClientSession)]
    public void An_end_for_another_reason_than_idling_is_final_and_later_events_only_amend_the_session(EndReason reason)
    {
        SessionState state = Folded.Of(new Happened("a", 0)).Ended(reason).Plus(new Happened("b", 60));
        Assert.Equal((SessionStatus.Ended, reason, 2, 3), (state.Status, state.EndReason, state.EventCount, state.Number));
        Assert.Equal(TimeSpan.FromSeconds(60), state.End - state.Start);
    }

    [Fact]
    public void Only_an_end_by_reset_records_a_closing_time()
    {
        foreach (EndReason reason in Enum.GetValues<EndReason>())
        {
            SessionState state = Folded.Of(new Happened("a", 0)).Ended(reason, 7);
            Assert.Equal(reason == EndReason.Reset ? Happened.At(7) : null, state.ClosedAt);
        }
    }

    [Fact]
    public void An_end_without_any_earlier_event_is_refused() =>
        Assert.Throws<InvalidOperationException>(() => SessionFold.Apply(
            null, JournalEntry.OfEnd(1, EndReason.Idle, Happened.Noon, Happened.Noon), EventFacts.None, Folded.Rules));

    [Fact]
    public void The_idle_time_is_counted_from_the_servers_time_of_the_last_timely_event()
    {
        SessionState state = Folded.Of(
            new Happened("a", 0) { Lag = TimeSpan.FromSeconds(90) },
            new Happened("late", 10) { Lag = Timeout + TimeSpan.FromSeconds(1) });
        Assert.Equal(Happened.At(90), state.LastActivityAt);
        Assert.Equal(Happened.At(95), state.Plus(new Happened("b", 20) { Lag = TimeSpan.FromSeconds(75) }).LastActivityAt);
    }

    [Fact]
    public void The_longest_idle_timeout_of_the_client_counts_in_any_order()
    {
        var five = new Happened("a", 0, """{"$configured_session_timeout_ms":300000}""");
        var ten = new Happened("b", 1, """{"$configured_session_timeout_ms":600000}""");
        Assert.Equal(Timeout, SessionFold.IdleTimeoutOf(Folded.Of(new Happened("c", 0)), Folded.Rules));
        Assert.Equal(TimeSpan.FromMinutes(5), SessionFold.IdleTimeoutOf(Folded.Of(five), Folded.Rules));
        Assert.Equal(TimeSpan.FromMinutes(10), SessionFold.IdleTimeoutOf(Folded.Of(five, ten), Folded.Rules));
        Assert.Equal(TimeSpan.FromMinutes(10), SessionFold.IdleTimeoutOf(Folded.Of(ten, five), Folded.Rules));
    }

    [Fact]
    public void The_clients_idle_timeout_decides_whether_an_event_is_timely()
    {
        SessionState state = Folded.Of(
            new Happened("a", 0, """{"$configured_session_timeout_ms":60000}""") { Lag = TimeSpan.FromSeconds(61) });
        Assert.Equal(SessionStatus.Ended, state.Status);
    }
}
