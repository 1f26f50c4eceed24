namespace Sessions.Domain.Time;

/// <summary>The values with which a client says when an event happened.</summary>
public readonly record struct ClientTime
{
    /// <summary>The event's timestamp by the client's clock; null when it is missing or can't be parsed.</summary>
    public Moment? Timestamp { get; init; }

    /// <summary>When the client sent the request, by the same clock.</summary>
    public Moment? SentAt { get; init; }

    /// <summary>Whether the timestamp must not be corrected for the client's clock skew.</summary>
    public bool IgnoreSentAt { get; init; }

    /// <summary>
    /// How many milliseconds before the request's arrival the event happened; null when the client did not say.
    /// </summary>
    public long? OffsetMs { get; init; }
}

/// <summary>Computes when an event happened, by the server's clock.</summary>
public static class EventTime
{
    /// <summary>An event whose time is further ahead than this gets the time of its arrival.</summary>
    public static readonly TimeSpan MaxAhead = TimeSpan.FromHours(23);

    /// <summary>
    /// Computes when the event happened. An offset has priority over a timestamp. A timestamp is corrected by the
    /// difference between the client's and the server's clock, without regard to the network's delay. Times in the past
    /// have no limit.
    /// </summary>
    /// <returns>
    /// The time in UTC, in whole microseconds; null when the client sent no time, which means the time of arrival.
    /// </returns>
    public static DateTimeOffset? Resolve(in ClientTime client, DateTimeOffset now)
    {
        Moment arrived = Moment.From(now);
        Moment happened;
        if (client.OffsetMs is long offset)
        {
            // The smallest long can't be negated.
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
