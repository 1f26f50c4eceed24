using Sessions.Domain.Events;
using Sessions.Domain.Replay.Clicks;

namespace Sessions.Domain.Folding;

/// <summary>A draft of an append: numbers its entries and folds them into the pending state.</summary>
internal sealed class JournalDraft(SessionState? state, SessionRules rules, int forgottenUpTo, int expected)
{
    private readonly bool _wasLive = state is { Status: SessionStatus.Live };
    private readonly string? _ownerBefore = state?.Owner;

    public SessionRules Rules { get; } = rules;

    public SessionState? State { get; private set; } = state;

    public List<JournalEntry> Entries { get; } = new(expected);

    /// <summary>The draft's events by their <see cref="SeenKey"/>.</summary>
    public Dictionary<Guid, JournalEntry> Events { get; } = new(expected);

    /// <summary>Whether the session's row must show the change at once.</summary>
    public bool ChangesRow { get; private set; }

    /// <summary>Whether it opens a live session, or makes one live again.</summary>
    public bool MakesLive => !_wasLive && State is { Status: SessionStatus.Live };

    /// <summary>Whether the session gets another owner.</summary>
    public bool ChangesOwner => _ownerBefore is not null && State!.Owner != _ownerBefore;

    /// <summary>Whether its only entry is an end.</summary>
    public bool IsEnd { get; private set; }

    /// <summary>Whether it changes the owner, or says of a device that its session went to another one.</summary>
    public bool GivesAway => ChangesOwner || HandsOver;

    /// <summary>Whether one of its events hands the session over to the device of the person who was identified.</summary>
    public bool HandsOver { get; private set; }

    /// <summary>Whether the session can take no more events.</summary>
    public bool IsFull => State is { } state && state.EventCount + state.ReplayBlockCount >= Rules.MaxEvents;

    /// <summary>Adds an event.</summary>
    /// <param name="seenKey">The key by which the session recognises the event.</param>
    /// <param name="id">The id under which the event is stored.</param>
    /// <param name="placed">The event.</param>
    /// <param name="device">The device that sent it.</param>
    /// <param name="receivedAt">When it was received.</param>
    /// <param name="facts">The facts of its properties.</param>
    public void AddEvent(
        Guid seenKey, Guid id, PlacedEvent placed, string device, DateTimeOffset receivedAt, EventFacts facts)
    {
        SessionEvent sent = placed.Event;
        var entry = new JournalEntry(
            (State?.Number ?? forgottenUpTo) + 1,
            sent.IsReplay ? EntryKind.Replay : placed.Named ? EntryKind.NamedEvent : EntryKind.PlacedEvent,
            id,
            sent.Timestamp ?? receivedAt,
            receivedAt,
            sent.Name,
            device,
            sent.DistinctId,
            sent.DeviceId,
            sent.WindowId,
            sent.Properties,
            sent.SenderOrder)
        {
            ClientTime = placed.ClientTime,
        };
        Add(entry, facts);
        Events.Add(seenKey, entry);
        HandsOver |= SessionFold.HandsOver(entry);
    }

    /// <summary>Adds an entry that removes the replay.</summary>
    public void AddForgottenReplay(DateTimeOffset now)
    {
        Add(JournalEntry.OfForgottenReplay(State!.Number + 1, now), EventFacts.None);
        ChangesRow = true;
    }

    /// <summary>Adds an entry of the rage and dead clicks in the replay.</summary>
    public void AddReplayClicks(ReplayClicks clicks, DateTimeOffset now) =>
        Add(JournalEntry.OfReplayClicks(State!.Number + 1, clicks, now), EventFacts.None);

    /// <summary>Adds an end.</summary>
    public void AddEnd(EndReason reason, DateTimeOffset closedAt, DateTimeOffset now)
    {
        IsEnd = Entries.Count == 0;
        Add(JournalEntry.OfEnd(State!.Number + 1, reason, closedAt, now), EventFacts.None);
        ChangesRow = true;
    }

    private void Add(JournalEntry entry, EventFacts facts)
    {
        State = SessionFold.Apply(State, entry, facts, Rules);
        Entries.Add(entry);
    }
}
