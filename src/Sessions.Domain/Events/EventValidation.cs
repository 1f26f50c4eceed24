namespace Sessions.Domain;

/// <summary>What an event must have before it can be placed.</summary>
public static class EventValidation
{
    /// <summary>PostHog: longer names and ids are cut by the gateway; a backend that sends one is told.</summary>
    public const int MaxIdLength = 200;

    /// <summary>Why the event can't be taken, a word of <see cref="DropReason"/>; null when it can.</summary>
    public static string? Check(SessionEvent happened)
    {
        if (string.IsNullOrEmpty(happened.Name) || happened.Name.Length > MaxIdLength)
        {
            return DropReason.MissingEventName;
        }

        if (string.IsNullOrEmpty(happened.DistinctId) || happened.DistinctId.Length > MaxIdLength)
        {
            return DropReason.MissingDistinctId;
        }

        return happened.Id == Guid.Empty ? DropReason.InvalidUuid : null;
    }
}
