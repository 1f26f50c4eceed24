namespace Sessions.Domain.Quotas;

/// <summary>How much of a project's events and recordings is taken. 0 is no limit.</summary>
/// <param name="EventsPerDay">The most events a day. Recordings are none.</param>
/// <param name="BytesPerDay">The most bytes of events and recordings a day.</param>
/// <param name="EventsPerSecond">The most events a second, on average over some seconds.</param>
/// <param name="BytesPerSecond">The most bytes a second, on average over some seconds.</param>
public sealed record QuotaLimits(long EventsPerDay = 0, long BytesPerDay = 0, double EventsPerSecond = 0, double BytesPerSecond = 0)
{
    private const long Megabyte = 1024 * 1024;

    /// <summary>No limits.</summary>
    public static QuotaLimits None { get; } = new();

    /// <summary>The limits that a project set for itself.</summary>
    public static QuotaLimits Of(ProjectSettings settings) =>
        new(settings.MaxEventsPerDay, settings.MaxMegabytesPerDay * Megabyte);

    /// <summary>These limits and others together: the tighter one of each pair counts.</summary>
    public QuotaLimits And(QuotaLimits other) => new(
        (long)Tighter(EventsPerDay, other.EventsPerDay),
        (long)Tighter(BytesPerDay, other.BytesPerDay),
        Tighter(EventsPerSecond, other.EventsPerSecond),
        Tighter(BytesPerSecond, other.BytesPerSecond));

    private static double Tighter(double one, double other) => one == 0 ? other : other == 0 ? one : Math.Min(one, other);
}

/// <summary>How much of a project's events and recordings was taken.</summary>
/// <param name="Events">The number of events.</param>
/// <param name="Bytes">The bytes of events and recordings.</param>
public readonly record struct QuotaUse(long Events, long Bytes)
{
    /// <summary>What an event or a recording costs beside its content: its row, with its ids, and its places in indexes.</summary>
    public const int RowBytes = 256;

    /// <summary>The use of events.</summary>
    /// <param name="count">How many there are.</param>
    /// <param name="propertyBytes">The bytes of their properties.</param>
    public static QuotaUse OfEvents(int count, long propertyBytes) => new(count, propertyBytes + ((long)count * RowBytes));

    /// <summary>The use of recordings, which are no events.</summary>
    /// <param name="count">How many blocks there are.</param>
    /// <param name="blockBytes">Their bytes, compressed.</param>
    public static QuotaUse OfRecordings(int count, long blockBytes) => new(0, blockBytes + ((long)count * RowBytes));

    /// <summary>Both together.</summary>
    public static QuotaUse operator +(QuotaUse one, QuotaUse other) => new(one.Events + other.Events, one.Bytes + other.Bytes);
}
