using CsCheck;

namespace Sessions.Domain.Tests.Placing;

/// <summary>What holds for a device's events whatever their order, their batches, and what happens in between.</summary>
public sealed class PlacementLaws
{
    [Fact]
    public void Plain_events_in_any_order_are_placed_as_a_model_places_them_that_looks_at_everything_each_time() =>
        Histories.OfPlainEvents.Sample(
            history => IsPlacedAsByTheModel(history, new DrivenDevice(history.Rules, isPunctual: false)), iter: Laws.Cases);

    /// <summary>
    /// An activation here reads all of the device's sessions: who the device had long ago is looked for among those
    /// that it has read, and the model never forgets.
    /// </summary>
    [Fact]
    public void So_are_events_of_clients_and_users_with_resets_lost_activations_and_events_sent_again() =>
        Histories.OfAnything.Sample(
            history => IsPlacedAsByTheModel(history, new DrivenDevice(history.Rules, isPunctual: false, latestSessions: 100)),
            iter: Laws.Cases);

    /// <summary>Without resets: which session is live when one comes may depend on what a call has ended before.</summary>
    [Fact]
    public void Any_split_into_calls_gives_the_same_sessions() =>
        Histories.OfAnything.Sample(
            history =>
            {
                Delivery[] whole = [.. history.Deliveries.Select(delivery =>
                    delivery.Then == Then.Reset ? delivery with { Then = Then.Nothing } : delivery)];
                IEnumerable<Delivery> split = whole.SelectMany(delivery => delivery.Events
                    .Select(sent => new Delivery(delivery.Now, [sent], Then.Nothing))
                    .Append(delivery with { Events = [] }));
                return IsSame(Driven(history.Rules, whole).SessionOf, Driven(history.Rules, split).SessionOf);
            },
            iter: Laws.Cases);

    [Fact]
    public void Ending_late_equals_ending_on_time() =>
        Histories.OfAnything.Sample(
            history =>
            {
                DrivenDevice late = Driven(history.Rules, history.Deliveries).PassAway();
                DrivenDevice punctual = new DrivenDevice(history.Rules, isPunctual: true).Play(history.Deliveries).PassAway();
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
                DrivenDevice device = Driven(history.Rules, history.Deliveries);
                int sent = history.Events.DistinctBy(one => one.Id).Count();
                return device.SessionOf.Count == sent && device.Sessions.Values.Sum(state => state.EventCount) == sent;
            },
            iter: Laws.Cases);

    [Fact]
    public void No_session_that_the_server_made_is_longer_than_24_hours() =>
        Histories.OfAnything.Sample(
            history => Driven(history.Rules, history.Deliveries).Sessions.Values
                .Where(state => !state.ClientMade)
                .All(state => state.End - state.Start <= TimeSpan.FromHours(24)),
            iter: Laws.Cases);

    /// <summary>
    /// The model that sorts everything: it begins a session at a gap over the timeout, or when the session that began
    /// last would be longer than 24 hours.
    /// </summary>
    [Fact]
    public void Events_in_the_order_of_their_times_give_the_sessions_that_cutting_the_sorted_list_gives() =>
        Histories.OfPlainEvents.Sample(
            history =>
            {
                Sent[] sorted = Sorted(history);
                DrivenDevice device = Driven(history.Rules, Live(sorted));
                return IsSame(device.SessionOf, Cut(sorted, history.IdleTimeout)) && AreApart(device, history.IdleTimeout);
            },
            iter: Laws.Cases);

    /// <summary>
    /// Where the cut after 24 hours falls depends on the first event, so it is defined only for events in order. All
    /// other sessions are the gaps between them, and come out the same in every order in which each event but its
    /// session's first is, when it arrives, within the timeout of those of its session that have arrived.
    /// </summary>
    [Fact]
    public void Orders_that_never_leave_a_session_behind_give_the_sessions_that_cutting_the_sorted_list_gives() =>
        Gen.Select(Histories.OfPlainEvents, Gen.Int).Sample(
            (history, seed) =>
            {
                Sent[] sorted = [.. WithoutLongSessions(Sorted(history), history.IdleTimeout)];
                Sent[] arriving = GrownFromAnywhere(sorted, Cut(sorted, history.IdleTimeout), history.IdleTimeout, new Random(seed));
                DrivenDevice device = Driven(history.Rules, Live(arriving));
                return arriving.Length == sorted.Length
                    && IsSame(device.SessionOf, Cut(sorted, history.IdleTimeout))
                    && AreApart(device, history.IdleTimeout);
            },
            iter: Laws.Cases);

    private static bool IsPlacedAsByTheModel(History history, DrivenDevice device) => IsSame(
        device.Play(history.Deliveries).SessionOf,
        new NaiveDevice(history.IdleTimeout).Play(history.Deliveries).SessionOf);

    private static DrivenDevice Driven(SessionRules rules, IEnumerable<Delivery> deliveries) =>
        new DrivenDevice(rules, isPunctual: false).Play(deliveries);

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
    private static bool AreApart(DrivenDevice device, TimeSpan idleTimeout)
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
