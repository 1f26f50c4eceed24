namespace Sessions.Domain.Time;

/// <summary>What a client says about when an event happened.</summary>
public readonly record struct ClientTime
{
    /// <summary>The event's timestamp by the client's clock; null when there is none, or none that can be read.</summary>
    public Moment? Timestamp { get; init; }

    /// <summary>When the client sent the request, by the same clock.</summary>
    public Moment? SentAt { get; init; }

    /// <summary>Whether the timestamp is right as it is, however the client's clock goes.</summary>
    public bool IgnoreSentAt { get; init; }

    /// <summary>How many milliseconds before the request arrived it happened.</summary>
    public long? OffsetMs { get; init; }
}

/// <summary>When an event happened, by the server's clock.</summary>
public static class EventTime
{
    /// <summary>An event further ahead than this, strictly, happened when it arrived.</summary>
    public static readonly TimeSpan MaxAhead = TimeSpan.FromHours(23);

    /// <summary>
    /// When the event happened. An offset wins over a timestamp; a timestamp is corrected by how far the client's
    /// clock is from the server's, taking the network for infinitely fast. The past has no limit.
    /// </summary>
    /// <returns>Whole microseconds in UTC; null when the client names no time, which means: when it arrived.</returns>
    public static DateTimeOffset? Resolve(in ClientTime client, DateTimeOffset now)
    {
        Moment arrived = Moment.From(now);
        Moment happened;
        if (client.OffsetMs is long offset)
        {
            // Negated with care: the smallest long has no counterpart.
            happened = arrived.AddMilliseconds(offset == long.MinValue ? long.MaxValue : -offset);
        }
        else if (client.Timestamp is not Moment timestamp)
        {
            return null;
        }
        else if (client.SentAt is Moment sentAt && !client.IgnoreSentAt)
        {
            happened = new Moment(arrived.Ticks + (timestamp.Ticks - sentAt.Ticks));
        }
        else
        {
            happened = timestamp;
        }

        return happened.Ticks - arrived.Ticks > MaxAhead.Ticks ? arrived.ToInstant() : happened.ToInstant();
    }
}
