using System.Text;
using Sessions.Domain.Folding;

namespace Sessions.Domain.Tests.Folding;

/// <summary>The decisions of a session, case by case. Its device is <c>phone</c>, and it is noon.</summary>
public sealed class SessionMachineTests
{
    private static readonly SessionRules Rules = new();
    private static readonly SessionKey Key = SessionKey.Create("shop", new Guid(1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1));
    private static readonly DateOnly Today = DateOnly.FromDateTime(Happened.Noon.UtcDateTime);
    private static readonly JournalResult Committed = JournalResult.Of(JournalOutcome.Committed);

    [Fact]
    public void An_event_is_pending_until_its_append_has_committed()
    {
        SessionMachine session = Load();

        JournalAppend append = Decide(session, Call("phone", Page(1))).Append!;
        Assert.Equal((1, null), (session.Pending?.Number, session.Committed?.Number));
        session.Complete(append, Committed);

        Assert.Equal(1, session.Committed?.Number);
        Assert.True(session.HasTaken(Device("phone").Device, Id(1)));
    }

    [Fact]
    public void An_event_twice_in_one_call_is_written_once()
    {
        SessionMachine session = Load();
        AppendRequest call = Call("phone", Page(1), Page(1));

        Assert.Equal(AppendVerdict.Taken, Commit(session, call));

        Assert.Equal([EventOutcome.New, EventOutcome.Duplicate], Outcomes(call));
        Assert.Equal(1, session.Committed?.EventCount);
    }

    [Fact]
    public void A_repeated_event_is_a_duplicate_when_the_append_in_flight_commits_and_is_retried_otherwise()
    {
        SessionMachine session = Load();
        JournalAppend first = Decide(session, Call("phone", Page(1))).Append!;
        AppendRequest again = Call("phone", Page(1));

        AppendDecision decision = Decide(session, again);

        Assert.Equal((AppendStep.Commit, null), (decision.Step, decision.Append));
        Assert.Same(first, Assert.Single(decision.InFlightDuplicates));
        Assert.Equal(AppendVerdict.Retry, again.Complete(own: null, duplicatesCommitted: false));
        Assert.Equal(AppendVerdict.Taken, again.Complete(own: null, duplicatesCommitted: true));
        Assert.Equal([EventOutcome.Duplicate], Outcomes(again));
    }

    [Theory]
    [InlineData("$pageview", EventOutcome.Duplicate, null)]
    [InlineData("click", EventOutcome.New, DropReason.UuidReused)]
    public void A_stored_event_with_the_id_is_read_and_another_event_is_kept_beside_it(
        string name, EventOutcome outcome, string? reason)
    {
        SessionMachine session = Load();
        Commit(session, Call("phone", Page(1)));
        AppendRequest call = Call("phone", Page(1) with { Event = Page(1).Event with { Name = name } });

        AppendDecision decision = Decide(session, call);
        Assert.Equal(AppendStep.ReadStored, decision.Step);
        Assert.Equal([1], decision.Unread);
        call.Learn(decision.Unread, new Dictionary<int, EventContent> { [1] = EventContent.Of(Page(1).Event, null) });
        Commit(session, call);

        Assert.Equal([new EventReceipt(Id(1), outcome, Key.SessionId, reason)], call.Receipts(Key.SessionId));
    }

    [Fact]
    public void After_an_unknown_outcome_an_event_that_turns_out_to_be_stored_is_new_to_its_sender()
    {
        SessionMachine session = Load();
        AppendRequest call = Call("phone", Page(1));
        JournalAppend append = Decide(session, call).Append!;
        JournalResult unknown = JournalResult.Of(JournalOutcome.Unknown);
        session.Complete(append, unknown);
        Assert.Equal(AppendVerdict.Retry, call.Complete(unknown, duplicatesCommitted: true));
        Assert.True(session.MustReload);

        SessionMachine loaded = Load(append.Entries);
        call.Learn(call.Unread(loaded), new Dictionary<int, EventContent> { [1] = EventContent.Of(append.Entries[0]) });
        Commit(loaded, call);

        Assert.Equal([EventOutcome.New], Outcomes(call));
    }

    [Fact]
    public void Events_that_the_journal_refuses_are_invalid_and_the_next_attempt_takes_the_rest()
    {
        SessionMachine session = Load();
        AppendRequest call = Call("phone", Page(1), Page(2));
        var refused = new JournalResult(JournalOutcome.Refused, [1]);
        session.Complete(Decide(session, call).Append!, refused);
        Assert.Equal(AppendVerdict.Retry, call.Complete(refused, duplicatesCommitted: true));

        Assert.Equal(AppendVerdict.Taken, Commit(Load(), call));

        Assert.Equal([EventOutcome.Invalid, EventOutcome.New], Outcomes(call));
    }

    [Theory]
    [InlineData(JournalOutcome.Committed, AppendVerdict.Taken)]
    [InlineData(JournalOutcome.Conflict, AppendVerdict.Retry)]
    [InlineData(JournalOutcome.Superseded, AppendVerdict.Retry)]
    [InlineData(JournalOutcome.Fenced, AppendVerdict.Stale)]
    [InlineData(JournalOutcome.Unavailable, AppendVerdict.Unavailable)]
    public void An_append_that_did_not_commit_says_whether_the_call_is_retried(
        JournalOutcome outcome, AppendVerdict verdict)
    {
        SessionMachine session = Load();
        AppendRequest call = Call("phone", Page(1));
        session.Complete(Decide(session, call).Append!, JournalResult.Of(outcome));

        Assert.Equal(verdict, call.Complete(JournalResult.Of(outcome), duplicatesCommitted: true));
        Assert.Equal(outcome != JournalOutcome.Committed, session.MustReload);
    }

    [Theory]
    [InlineData("ann", 1, DropReason.PersonDeleted)]
    [InlineData("ben", 1, DropReason.SessionFull)]
    [InlineData("ben", 9, null)]
    public void Events_of_erased_persons_and_events_of_a_full_session_are_refused(string person, int maxEvents, string? reason)
    {
        SessionRules rules = Rules with { MaxEvents = maxEvents };
        SessionMachine session = Load(Entry(1));
        AppendRequest call = Call("phone", Page(2) with { Event = Page(2).Event with { DistinctId = person } });

        session.Append(call, rules, 0, (_, person, _) => person == "ann");
        call.Complete(Committed, duplicatesCommitted: true);

        Assert.Equal(reason, call.Receipts(Key.SessionId)[0].Reason);
    }

    [Theory]
    [InlineData("phone", 1, AppendStep.RefuseStale)]
    [InlineData("phone", 2, AppendStep.Commit)]
    [InlineData("phone", 3, AppendStep.Commit)]
    [InlineData("tablet", 1, AppendStep.Commit)]
    public void An_activation_of_the_owner_that_was_replaced_is_stale_also_after_a_load(string device, int epoch, AppendStep step)
    {
        SessionMachine before = Load(Entry(1));
        Decide(before, Call("phone", epoch: 2, Page(2)));
        SessionMachine session = Load([Entry(1)], before);

        Assert.Equal(step, Decide(session, Call(device, epoch, Page(3))).Step);
    }

    [Theory]
    [InlineData(false, 5, AppendStep.RefuseStale)]
    [InlineData(false, 4, AppendStep.Commit)]
    [InlineData(true, 5, AppendStep.Commit)]
    public void After_a_reset_the_server_places_nothing_later_in_the_session(bool named, double second, AppendStep step)
    {
        SessionMachine session = Load(Entry(1), JournalEntry.OfEnd(2, EndReason.Reset, Happened.At(4), Happened.At(4)));

        Assert.Equal(step, Decide(session, Call("phone", Page(2, second) with { Named = named })).Step);
    }

    [Theory]
    [InlineData("tablet", 0, false, AppendStep.AskOwner)]
    [InlineData("tablet", 0, true, AppendStep.Commit)]
    [InlineData("tablet", -4_000, false, AppendStep.Commit)]
    [InlineData("phone", 0, false, AppendStep.Commit)]
    public void Another_devices_timely_event_revives_an_idle_session_only_when_its_owner_expects_that(
        string device, double second, bool isExpected, AppendStep step)
    {
        SessionMachine session = Load(Entry(1), JournalEntry.OfEnd(2, EndReason.Idle, Happened.At(0), Happened.At(0)));

        AppendDecision decision = Decide(
            session, new AppendRequest(Device(device), Happened.At(10), [Page(2, second)], isExpected));

        Assert.Equal((step, step == AppendStep.AskOwner ? "phone" : null), (decision.Step, decision.Owner));
    }

    [Theory]
    [InlineData("tablet", 9, 1_800, false, EndVerdict.NotYours, false)]
    [InlineData("phone", 1, 1_800, false, EndVerdict.Stale, false)]
    [InlineData("phone", 2, 1_799, false, EndVerdict.Active, false)]
    [InlineData("phone", 2, 1_800, false, EndVerdict.Ended, true)]
    [InlineData("phone", 2, 0, true, EndVerdict.Ended, true)]
    public void Only_the_owners_newest_activation_ends_a_session_and_an_active_session_only_after_a_close(
        string device, int epoch, double now, bool isClosed, EndVerdict verdict, bool writes)
    {
        SessionMachine session = Load(Entry(1));
        Decide(session, Call("phone", epoch: 2));

        EndDecision decision = session.End(
            Device(device, epoch), EndReason.Idle, isClosed ? Happened.At(0) : null, Rules, Happened.At(now));

        Assert.Equal((verdict, writes), (decision.Verdict, decision.Append is not null));
        Assert.Equal(writes ? Device(device, epoch) : null, decision.Append?.Fence);
    }

    [Fact]
    public void A_session_that_has_ended_or_does_not_exist_writes_no_end()
    {
        SessionMachine ended = Load(Entry(1), JournalEntry.OfEnd(2, EndReason.Idle, Happened.At(0), Happened.At(0)));

        Assert.Equal(new EndDecision(EndVerdict.Ended, null), ended.End(Device("phone"), EndReason.Reset, Happened.At(0), Rules, Happened.At(0)));
        Assert.Equal(new EndDecision(EndVerdict.NotYours, null), Load().End(Device("phone"), EndReason.Reset, Happened.At(0), Rules, Happened.At(0)));
    }

    [Fact]
    public void Starts_ends_and_revivals_update_the_row_at_once_and_other_changes_at_the_next_checkpoint()
    {
        SessionMachine session = Load();
        List<RowChange> changes = [];
        foreach (int number in (int[])[1, 2])
        {
            changes.Add(Write(session, Decide(session, Call("phone", Page(number))).Append!));
        }

        Assert.Equal(2, session.AfterAppend().Checkpoint?.Number);
        Assert.Null(session.AfterAppend().Checkpoint);
        changes.Add(Write(session, End(session)));
        changes.Add(Write(session, Decide(session, Call("phone", Page(3))).Append!));
        changes.Add(Write(session, End(session)));

        // The machine has not seen that the checkpoint was written; it has seen that the revival was.
        Assert.Equal([RowChange.Insert, RowChange.None, RowChange.Update, RowChange.Update, RowChange.End], changes);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void An_append_that_opens_or_revives_a_session_checks_the_devices_epoch(bool named)
    {
        SessionMachine session = Load();

        JournalAppend opening = Decide(session, Call("phone", Page(1) with { Named = named })).Append!;
        JournalAppend second = Decide(session, Call("phone", Page(2) with { Named = named })).Append!;
        Write(session, opening);
        Write(session, second);
        Write(session, End(session));
        JournalAppend reviving = Decide(session, Call("phone", Page(3, 60) with { Named = named })).Append!;

        Assert.Equal((true, false, true), (opening.Fence is not null, second.Fence is not null, reviving.Fence is not null));
    }

    [Fact]
    public void Watchers_see_a_session_while_it_is_live_and_once_more_when_it_has_ended()
    {
        SessionMachine session = Load();
        Write(session, Decide(session, Call("phone", Page(1))).Append!);
        SessionEffects opened = session.AfterAppend();
        Write(session, End(session));
        SessionEffects ended = session.AfterEnd();

        Assert.Equal((SessionStatus.Live, false, false), (opened.Publish?.Status, opened.WasLive, opened.Deactivate));
        Assert.Equal((SessionStatus.Ended, true, true), (ended.Publish?.Status, ended.WasLive, ended.Deactivate));
        Assert.Null(session.AfterEnd().Publish);
    }

    [Fact]
    public void A_session_without_any_event_is_removed_from_memory()
    {
        SessionMachine session = Load();

        Assert.Equal(new SessionEffects(Deactivate: true), session.AfterRead());
        Assert.Equal(new SessionEffects(Deactivate: true), session.AfterAppend());
        Assert.Equal(new SessionEffects(), Load(Entry(1)).AfterRead());
    }

    [Fact]
    public void A_loaded_session_is_checkpointed_when_its_row_is_behind()
    {
        Assert.Equal(2, Load(Entry(1), Entry(2)).AfterLoad().Checkpoint?.Number);
        Assert.Equal(new SessionEffects(), Load().AfterLoad());
    }

    [Fact]
    public void Watchers_see_a_live_session_end_when_all_its_events_were_erased()
    {
        SessionEffects effects = Load().AfterErasure(Load(Entry(1)));

        Assert.Equal((SessionStatus.Ended, EndReason.Reset), (effects.Publish?.Status, effects.Publish?.EndReason));
        Assert.Equal((true, true), (effects.WasLive, effects.Deactivate));
        Assert.Null(Load().AfterErasure(Load()).Publish);
    }

    [Fact]
    public void An_erased_session_continues_its_numbers_after_the_last_one()
    {
        SessionMachine session = SessionMachine.Load(Key, StoredSession.Forgotten(7), Rules, Today);

        Assert.Equal(8, Decide(session, Call("phone", Page(1))).Append!.Entries[0].Number);
        Assert.Equal(Today, session.Born);
    }

    private static SessionMachine Load(params IReadOnlyList<JournalEntry> entries) => Load(entries, before: null);

    private static SessionMachine Load(IReadOnlyList<JournalEntry> entries, SessionMachine? before) => SessionMachine.Load(
        Key,
        entries.Count == 0 ? null : new StoredSession(
            Today,
            null,
            entries,
            [.. entries.Where(entry => entry.Kind != EntryKind.End).Select(entry => new SeenEvent(entry.EventId, entry.Device, entry.Number))]),
        Rules,
        Today,
        before);

    private static JournalEntry Entry(int number) => new Happened("$pageview", 0) { Id = Id(number) }.ToEntry(number);

    private static PlacedEvent Page(int id, double second = 0) => new(
        new SessionEvent
        {
            Id = Id(id),
            Name = "$pageview",
            DistinctId = "ann",
            DeviceId = "phone",
            Timestamp = Happened.At(second),
            Properties = Encoding.UTF8.GetBytes("{}"),
        },
        Named: true);

    private static Guid Id(int id) => new(id, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1);

    private static DeviceEpoch Device(string device, int epoch = 1) => new(UserDeviceKey.Create("shop", "ann", device), epoch);

    private static AppendRequest Call(string device, params PlacedEvent[] events) => Call(device, 1, events);

    private static AppendRequest Call(string device, int epoch, params PlacedEvent[] events) =>
        new(Device(device, epoch), Happened.Noon, events);

    private static AppendDecision Decide(SessionMachine session, AppendRequest call) => session.Append(call, Rules, 0, (_, _, _) => false);

    private static AppendVerdict Commit(SessionMachine session, AppendRequest call)
    {
        JournalAppend? append = Decide(session, call).Append;
        if (append is not null)
        {
            session.Complete(append, Committed);
        }

        return call.Complete(append is null ? null : Committed, duplicatesCommitted: true);
    }

    private static RowChange Write(SessionMachine session, JournalAppend append)
    {
        session.Complete(append, Committed);
        return append.Row;
    }

    private static JournalAppend End(SessionMachine session) =>
        session.End(Device("phone"), EndReason.Idle, Happened.At(0), Rules, Happened.At(0)).Append!;

    private static IEnumerable<EventOutcome> Outcomes(AppendRequest call) =>
        call.Receipts(Key.SessionId).Select(receipt => receipt.Outcome);
}
