namespace Sessions.SystemTests.Traffic;

/// <summary>What the senders of events know, for the audit.</summary>
/// <param name="Sent">Every event that left, answered or not.</param>
/// <param name="Acknowledged">The ids of the events that were acknowledged.</param>
/// <param name="Resets">The sessions that somebody had ended.</param>
public sealed record WriterRecords(
    IReadOnlyDictionary<Guid, SentEvent> Sent, IReadOnlyCollection<Guid> Acknowledged, IReadOnlyCollection<Reset> Resets);
