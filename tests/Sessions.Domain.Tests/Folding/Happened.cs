using System.Text;
using Sessions.Domain.Events;
using Sessions.Domain.Folding;

namespace Sessions.Domain.Tests.Folding;

/// <summary>An event in a test of the fold: at noon and some seconds, received at once unless something else is said.</summary>
internal sealed record Happened(string Name, double Second, string Properties = "")
{
    public static readonly DateTimeOffset Noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    public Guid Id { get; init; } = Guid.NewGuid();

    public string DistinctId { get; init; } = "ann";

    public string? DeviceId { get; init; } = "phone";

    public bool Named { get; init; } = true;

    /// <summary>Its place among its sender's events.</summary>
    public long SenderOrder { get; init; }

    /// <summary>Whether it is what was recorded, and no event.</summary>
    public bool IsReplay { get; init; }

    /// <summary>How long it was under way.</summary>
    public TimeSpan Lag { get; init; }

    public DateTimeOffset Time => Noon.AddSeconds(Second);

    public static DateTimeOffset At(double second) => Noon.AddSeconds(second);

    public EventFacts Facts()
    {
        Assert.True(EventFactsReader.TryRead(Encoding.UTF8.GetBytes(Properties), out EventFacts facts));
        return facts;
    }

    public JournalEntry ToEntry(int number) => new(
        number,
        IsReplay ? EntryKind.Replay : Named ? EntryKind.NamedEvent : EntryKind.PlacedEvent,
        Id,
        Time,
        Time + Lag,
        Name,
        UserDeviceKey.Create("shop", DistinctId, DeviceId).Device,
        DistinctId,
        DeviceId,
        null,
        Encoding.UTF8.GetBytes(Properties),
        SenderOrder);
}

/// <summary>A session folded from events.</summary>
internal static class Folded
{
    public static readonly SessionRules Rules = new();

    public static SessionState Of(params Happened[] events) => events.Aggregate((SessionState?)null, Plus)!;

    public static SessionState Plus(this SessionState? state, Happened happened) =>
        SessionFold.Apply(state, happened.ToEntry((state?.Number ?? 0) + 1), happened.Facts(), Rules);

    public static SessionState Ended(this SessionState state, EndReason reason, double second = 0) => SessionFold.Apply(
        state, JournalEntry.OfEnd(state.Number + 1, reason, Happened.At(second), Happened.At(second)), EventFacts.None, Rules);

    public static Session View(params Happened[] events) => SessionView.Of(Guid.NewGuid(), Of(events), Rules);
}
