using CsCheck;
using Sessions.Domain.Events;
using Sessions.Domain.Folding;
using Sessions.Domain.Tests.Folding;

namespace Sessions.Domain.Tests.Webhooks;

public sealed class SessionHappeningTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void A_session_starts_ends_is_amended_resumes_and_ends_again()
    {
        SessionState opened = Take(null, 1, Now);
        SessionState ended = End(opened, 2, EndReason.Idle);
        SessionState late = Take(ended, 3, Now.AddHours(-3), receivedAt: Now.AddMinutes(31));
        SessionState revived = Take(late, 4, Now.AddMinutes(32));
        SessionState over = End(revived, 5, EndReason.Reset);

        Assert.Equal(
            [SessionHappening.Started, SessionHappening.Ended, SessionHappening.Amended, SessionHappening.Resumed, SessionHappening.Ended],
            new (SessionState? Before, SessionState After)[] { (null, opened), (opened, ended), (ended, late), (late, revived), (revived, over) }
                .Select(step => SessionHappenings.Between(step.Before, step.After)!.Value));
        Assert.Null(SessionHappenings.Between(opened, Take(opened, 2, Now.AddSeconds(1))));
    }

    [Fact]
    public void A_session_that_starts_in_the_past_is_reported_as_ended() =>
        Assert.Equal(SessionHappening.Ended, SessionHappenings.Between(null, Take(null, 1, Now.AddDays(-2), receivedAt: Now)));

    [Fact]
    public void Started_comes_once_and_first_and_resumed_only_between_two_ends() =>
        FoldHistories.Entries.Sample(entries =>
        {
            SessionState? state = null;
            bool isLive = false, isFirst = true;
            foreach (JournalEntry entry in entries)
            {
                SessionState next = SessionFold.Apply(state, entry, EventFacts.None, new SessionRules());
                SessionHappening? happening = SessionHappenings.Between(state, next);
                bool fits = happening switch
                {
                    null => isLive,
                    SessionHappening.Started => isFirst,
                    SessionHappening.Resumed or SessionHappening.Amended => !isFirst && !isLive,
                    SessionHappening.Ended => isLive || isFirst,
                    _ => false,
                };
                Assert.True(fits, $"{happening} when it was {(isFirst ? "not there" : isLive ? "live" : "ended")}");
                (state, isFirst) = (next, false);
                isLive = next.Status == SessionStatus.Live;
            }
        });

    [Fact]
    public void Event_kinds_have_the_documented_webhook_names()
    {
        Assert.Equal(["session.started", "session.resumed", "session.ended", "session.amended"], SessionHappenings.Names);
        Assert.Throws<ArgumentOutOfRangeException>(() => ((SessionHappening)4).ToName());
    }

    private static SessionState Take(SessionState? state, int number, DateTimeOffset time, DateTimeOffset? receivedAt = null) => SessionFold.Apply(
        state,
        new JournalEntry(number, EntryKind.NamedEvent, Guid.CreateVersion7(), time, receivedAt ?? time, "e", "d", "d", null, null, default),
        EventFacts.None,
        new SessionRules());

    private static SessionState End(SessionState state, int number, EndReason reason) =>
        SessionFold.Apply(state, JournalEntry.OfEnd(number, reason, Now, Now), EventFacts.None, new SessionRules());
}
