using CsCheck;
using Sessions.Domain.Events;
using Sessions.Domain.Folding;

namespace Sessions.Domain.Tests.Placing;

/// <summary>
/// Laws for a device's events in any order and in any batches, also when activations are lost in between.
/// </summary>
public sealed class PlacementLaws
{
    [Fact]
    public void Plain_events_in_any_order_are_placed_as_a_naive_model_places_them() =>
        Histories.OfPlainEvents.Sample(
            history => IsPlacedAsByTheModel(history, new SimulatedDevice(history.Rules, isPunctual: false)), iter: Laws.Cases);

    /// <summary>
    /// An activation here reads all of the device's sessions: who the device had long ago is looked for among those
    /// that it has read, and the model never forgets.
    /// </summary>
    [Fact]
    public void Events_with_clients_users_resets_lost_activations_and_repeats_are_placed_as_a_naive_model_places_them(
        ) =>
        Histories.OfAnything.Sample(
            history => IsPlacedAsByTheModel(history, new SimulatedDevice(history.Rules, isPunctual: false, latestSessions: 100)),
            iter: Laws.Cases);

    /// <summary>
    /// Without resets: which session is live when one comes may depend on what a call has ended before. An activation here
    /// reads all of the device's sessions, as above: the example below says why.
    /// </summary>
    [Fact]
    public void Any_split_into_calls_gives_the_same_sessions() =>
        Histories.OfAnything.Sample(
            history =>
            {
                Delivery[] whole = [.. history.Deliveries.Select(delivery =>
                    delivery.Then == Then.Reset ? delivery with { Then = Then.Nothing } : delivery)];
                return IsSame(
                    new SimulatedDevice(history.Rules, isPunctual: false, latestSessions: 100).Play(whole).SessionOf,
                    new SimulatedDevice(history.Rules, isPunctual: false, latestSessions: 100).Play(Split(whole)).SessionOf);
            },
            iter: Laws.Cases);

    /// <summary>
    /// Nine sessions, of which only the first names a person; then the activation is lost. Two late events come: one of
    /// another person, which opens a tenth session, and an anonymous one. Whether the anonymous one still belongs to the
    /// session before the tenth depends on whether the first session is among those that are looked up, and a tenth
    /// session that is stored already takes its place there.
    /// </summary>
    [Theory]
    [InlineData(8, false)]
    [InlineData(9, true)]
    public void An_old_persons_event_separates_sessions_only_while_its_session_is_among_those_looked_up(
        int latestSessions, bool isSame)
    {
        Delivery[] whole =
        [
            Call(160, Event(1, 160), Event(2, -640), Event(3, 160, client: 1)),
            Call(960, Event(4, 960), Event(5, 960, client: 2)),
            Call(1280, Event(6, -320, person: "person 1")),
            Call(1600, Event(7, 1600)),
            Call(1600, Event(8, 1600, client: 3)),
            Call(2240, Event(9, 2240), Event(10, 1920, client: 4)) with { Then = Then.Reopen },
            Call(2400, Event(11, 1920, person: "person 2"), Event(12, 2080)),
        ];
        var rules = new SessionRules { IdleTimeout = TimeSpan.FromHours(8) };

        Assert.Equal(isSame, IsSame(
            new SimulatedDevice(rules, isPunctual: false, latestSessions).Play(whole).SessionOf,
            new SimulatedDevice(rules, isPunctual: false, latestSessions).Play(Split(whole)).SessionOf));

        static Delivery Call(int minute, params Sent[] events) => new(Histories.Noon.AddMinutes(minute), events, Then.Nothing);

        static Sent Event(int number, int minute, string? person = null, int? client = null) => new(
            Histories.Id(number),
            Histories.Noon.AddMinutes(minute),
            person,
            client is { } one ? new Guid(one, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1) : null,
            IdleTimeout: null,
            SenderOrder: number);
    }

    /// <summary>Of one session, in any order, with ends in between: by this the next event of a call is placed.</summary>
    [Fact]
    public void What_a_device_expects_of_a_session_before_an_append_is_what_the_session_answers_after_it() =>
        Histories.OfAnything.Sample(
            history =>
            {
                SessionStanding? device = null;
                SessionState? session = null;
                foreach (Delivery delivery in history.Deliveries)
                {
                    foreach (Sent sent in delivery.Events)
                    {
                        JournalEntry entry = SimulatedDevice.EntryOf(sent, (session?.Number ?? 0) + 1, delivery.Now);
                        Assert.True(EventFactsReader.TryRead(entry.Properties.Span, out EventFacts facts));
                        Arrival arrival = Arrival.Of(
                            entry.At, delivery.Now, entry.Kind == EntryKind.NamedEvent, isReplay: false, entry.Name, entry.DistinctId, entry.DeviceId, facts);
                        device = device?.With(entry.Device, arrival) ?? SessionStanding.Opened(Guid.Empty, entry.Device, arrival, history.Rules);
                        session = SessionFold.Apply(session, entry, facts, history.Rules);
                        Assert.Equal(SessionStanding.Of(Guid.Empty, session, history.Rules), device);
                    }

                    if (delivery.Then != Then.Nothing && session is not null)
                    {
                        EndReason reason = delivery.Then == Then.Reset ? EndReason.Reset : EndReason.Idle;
                        session = SessionFold.Apply(
                            session, JournalEntry.OfEnd(session.Number + 1, reason, session.End, delivery.Now), EventFacts.None, history.Rules);
                        device = SessionStanding.Of(Guid.Empty, session, history.Rules);
                    }
                }
            },
            iter: Laws.Cases);

    [Fact]
    public void Ending_a_session_late_gives_the_same_result_as_ending_it_on_time() =>
        Histories.OfAnything.Sample(
            history =>
            {
                SimulatedDevice late = Simulated(history.Rules, history.Deliveries).PassAway();
                SimulatedDevice punctual = new SimulatedDevice(history.Rules, isPunctual: true).Play(history.Deliveries).PassAway();
                return IsSame(late.SessionOf, punctual.SessionOf)
                    && late.Sessions.All(one =>
                        (one.Value.Status, one.Value.EndReason, one.Value.ClosedAt)
                            == (punctual.Sessions[one.Key].Status, punctual.Sessions[one.Key].EndReason, punctual.Sessions[one.Key].ClosedAt));
            },
            iter: Laws.Cases);

    [Fact]
    public void Every_event_is_in_exactly_one_session_once() =>
        Histories.OfAnything.Sample(
            history =>
            {
                SimulatedDevice device = Simulated(history.Rules, history.Deliveries);
                int sent = history.Events.DistinctBy(one => one.Id).Count();
                return device.SessionOf.Count == sent && device.Sessions.Values.Sum(state => state.EventCount) == sent;
            },
            iter: Laws.Cases);

    [Fact]
    public void No_session_that_the_server_made_is_longer_than_24_hours() =>
        Histories.OfAnything.Sample(
            history => Simulated(history.Rules, history.Deliveries).Sessions.Values
                .Where(state => !state.ClientMade)
                .All(state => state.End - state.Start <= TimeSpan.FromHours(24)),
            iter: Laws.Cases);

    /// <summary>
    /// The model that sorts everything: it begins a session at a gap over the timeout, or when the session that began
    /// last would be longer than 24 hours.
    /// </summary>
    [Fact]
    public void Events_in_order_of_time_give_the_sessions_of_cutting_the_sorted_list_at_gaps() =>
        Histories.OfPlainEvents.Sample(
            history =>
            {
                Sent[] sorted = Sorted(history);
                SimulatedDevice device = Simulated(history.Rules, Live(sorted));
                return IsSame(device.SessionOf, Cut(sorted, history.IdleTimeout)) && AreApart(device, history.IdleTimeout);
            },
            iter: Laws.Cases);

    /// <summary>
    /// Where the cut after 24 hours falls depends on the first event, so it is defined only for events in order. All
    /// other sessions are the gaps between them, and come out the same in every order in which each event but its
    /// session's first is, when it arrives, within the timeout of those of its session that have arrived.
    /// </summary>
    [Fact]
    public void Events_that_always_extend_the_session_at_hand_give_the_sessions_of_cutting_the_sorted_list_at_gaps() =>
        Gen.Select(Histories.OfPlainEvents, Gen.Int).Sample(
            (history, seed) =>
            {
                Sent[] sorted = [.. WithoutLongSessions(Sorted(history), history.IdleTimeout)];
                Sent[] arriving = GrownFromAnywhere(sorted, Cut(sorted, history.IdleTimeout), history.IdleTimeout, new Random(seed));
                SimulatedDevice device = Simulated(history.Rules, Live(arriving));
                return arriving.Length == sorted.Length
                    && IsSame(device.SessionOf, Cut(sorted, history.IdleTimeout))
                    && AreApart(device, history.IdleTimeout);
            },
            iter: Laws.Cases);

    private static IEnumerable<Delivery> Split(IEnumerable<Delivery> whole) => whole.SelectMany(delivery => delivery.Events
        .Select(sent => new Delivery(delivery.Now, [sent], Then.Nothing))
        .Append(delivery with { Events = [] }));

    private static bool IsPlacedAsByTheModel(History history, SimulatedDevice device) => IsSame(
        device.Play(history.Deliveries).SessionOf,
        new NaiveDevice(history.IdleTimeout).Play(history.Deliveries).SessionOf);

    private static SimulatedDevice Simulated(SessionRules rules, IEnumerable<Delivery> deliveries) =>
        new SimulatedDevice(rules, isPunctual: false).Play(deliveries);

    /// <summary>Whether two ways to name sessions put the same events together.</summary>
    private static bool IsSame<TOne, TOther>(Dictionary<Guid, TOne> one, Dictionary<Guid, TOther> other)
        where TOne : notnull
        where TOther : notnull
    {
        var pairs = one.Select(pair => (pair.Value, other[pair.Key])).Distinct().ToArray();
        return one.Count == other.Count
            && pairs.Select(pair => pair.Value).Distinct().Count() == pairs.Length
            && pairs.Select(pair => pair.Item2).Distinct().Count() == pairs.Length;
    }

    /// <summary>Whether neighbours are further apart than the timeout, or could not be one session for its length.</summary>
    private static bool AreApart(SimulatedDevice device, TimeSpan idleTimeout)
    {
        SessionState[] ordered = [.. device.Sessions.Values.OrderBy(state => state.Start)];
        return ordered.Zip(ordered.Skip(1)).All(pair =>
            pair.Second.Start - pair.First.End > idleTimeout
            || (pair.Second.Start > pair.First.End && pair.Second.Start - pair.First.Start > TimeSpan.FromHours(24)));
    }

    private static Sent[] Sorted(History history) =>
        [.. history.Events.DistinctBy(sent => sent.Id).OrderBy(sent => sent.Time).ThenBy(sent => sent.Id)];

    private static IEnumerable<Delivery> Live(IEnumerable<Sent> events) =>
        events.Select(sent => new Delivery(sent.Time, [sent], Then.Nothing));

    private static Dictionary<Guid, int> Cut(Sent[] sorted, TimeSpan idleTimeout)
    {
        var sessionOf = new Dictionary<Guid, int>();
        int session = 0;
        int first = 0;
        for (int i = 0; i < sorted.Length; i++)
        {
            if (i > 0 && (sorted[i].Time - sorted[i - 1].Time > idleTimeout || sorted[i].Time - sorted[first].Time > TimeSpan.FromHours(24)))
            {
                session++;
                first = i;
            }

            sessionOf.Add(sorted[i].Id, session);
        }

        return sessionOf;
    }

    private static IEnumerable<Sent> WithoutLongSessions(Sent[] sorted, TimeSpan idleTimeout)
    {
        DateTimeOffset? first = null;
        DateTimeOffset last = default;
        foreach (Sent sent in sorted)
        {
            first = sent.Time - last > idleTimeout ? sent.Time : first;
            last = sent.Time;
            if (sent.Time - first <= TimeSpan.FromHours(24))
            {
                yield return sent;
            }
        }
    }

    private static Sent[] GrownFromAnywhere(Sent[] sorted, Dictionary<Guid, int> sessionOf, TimeSpan idleTimeout, Random random)
    {
        var arrived = new List<Sent>();
        var left = sorted.ToList();
        while (left.Count > 0)
        {
            Sent[] next = [.. left.Where(sent =>
            {
                Sent[] ours = [.. arrived.Where(other => sessionOf[other.Id] == sessionOf[sent.Id])];
                return ours.Length == 0
                    || (sent.Time >= ours.Min(other => other.Time) - idleTimeout && sent.Time <= ours.Max(other => other.Time) + idleTimeout);
            })];
            Sent one = next[random.Next(next.Length)];
            arrived.Add(one);
            left.Remove(one);
        }

        return [.. arrived];
    }
}
