namespace Sessions.Domain.Quotas;

/// <summary>The quota that a request exceeds.</summary>
public enum Quota
{
    /// <summary>Events a day.</summary>
    EventsPerDay,

    /// <summary>Bytes a day.</summary>
    BytesPerDay,

    /// <summary>Events a second.</summary>
    EventsPerSecond,

    /// <summary>Bytes a second.</summary>
    BytesPerSecond,
}

/// <summary>Why a request is refused.</summary>
/// <param name="Quota">The quota that it exceeds.</param>
/// <param name="Wait">How long until it may be sent again.</param>
public sealed record QuotaExcess(Quota Quota, TimeSpan Wait)
{
    /// <summary>Whether the quota is one of a day.</summary>
    public bool IsOfDay => Quota is Quota.EventsPerDay or Quota.BytesPerDay;
}

/// <summary>
/// How much of one project a gateway has taken, and what it may still take. Days are counted for all gateways together;
/// rates are divided among the gateways that have traffic of the project. Days are those of UTC.
/// </summary>
/// <param name="Day">The day that is counted.</param>
/// <param name="Mine">What this gateway has taken on that day.</param>
/// <param name="Others">What the other gateways had taken on that day, when they last said it.</param>
/// <param name="Gateways">How many gateways have traffic of the project, with this one.</param>
/// <param name="EventRate">What is left of the events a second; null before the first request.</param>
/// <param name="ByteRate">What is left of the bytes a second; null before the first request.</param>
public sealed record ProjectUse(
    DateOnly Day, QuotaUse Mine = default, QuotaUse Others = default, int Gateways = 1, RateAllowance? EventRate = null, RateAllowance? ByteRate = null)
{
    /// <summary>
    /// The longest wait that is told. A quota of a day may be raised before the day ends, so senders come back earlier.
    /// </summary>
    public static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(5);

    /// <summary>The use at a time: that of the new day when a day has ended.</summary>
    public ProjectUse At(DateTimeOffset now) => DateOnly.FromDateTime(now.UtcDateTime) is var day && day == Day
        ? this
        : this with { Day = day, Mine = default, Others = default };

    /// <summary>
    /// Decides about a request. Takes it out of the rates if it is within all limits. The days count it when it is stored.
    /// </summary>
    /// <param name="limits">The limits.</param>
    /// <param name="asked">What the request brings.</param>
    /// <param name="now">The time, of the day that is counted.</param>
    /// <param name="steady">The time on a clock that is never set.</param>
    public (ProjectUse Use, QuotaExcess? Excess) Ask(QuotaLimits limits, QuotaUse asked, DateTimeOffset now, TimeSpan steady)
    {
        QuotaUse used = Mine + Others;
        if (limits.EventsPerDay > 0 && asked.Events > 0 && used.Events >= limits.EventsPerDay)
        {
            return (this, new QuotaExcess(Quota.EventsPerDay, ToEndOfDay(now)));
        }

        if (limits.BytesPerDay > 0 && used.Bytes >= limits.BytesPerDay)
        {
            return (this, new QuotaExcess(Quota.BytesPerDay, ToEndOfDay(now)));
        }

        double events = limits.EventsPerSecond / Gateways, bytes = limits.BytesPerSecond / Gateways;
        RateAllowance eventsLeft = (EventRate ?? RateAllowance.Full(events, steady)).Later(events, steady);
        RateAllowance bytesLeft = (ByteRate ?? RateAllowance.Full(bytes, steady)).Later(bytes, steady);
        if (events > 0 && asked.Events > 0 && eventsLeft.Wait(events) is { Ticks: > 0 } forEvents)
        {
            return (this, new QuotaExcess(Quota.EventsPerSecond, Shortest(forEvents, LongestWait)));
        }

        if (bytes > 0 && bytesLeft.Wait(bytes) is { Ticks: > 0 } forBytes)
        {
            return (this, new QuotaExcess(Quota.BytesPerSecond, Shortest(forBytes, LongestWait)));
        }

        return (
            this with
            {
                EventRate = events > 0 ? eventsLeft.Less(asked.Events) : null,
                ByteRate = bytes > 0 ? bytesLeft.Less(asked.Bytes) : null,
            },
            null);
    }

    private static TimeSpan ToEndOfDay(DateTimeOffset now) =>
        Shortest(TimeSpan.FromDays(1) - now.UtcDateTime.TimeOfDay, LongestWait);

    private static TimeSpan Shortest(TimeSpan one, TimeSpan other) => one < other ? one : other;
}
