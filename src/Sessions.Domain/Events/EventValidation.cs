namespace Sessions.Domain;

/// <summary>What an event must have before it can be placed.</summary>
public static class EventValidation
{
    /// <summary>PostHog: longer names and ids are cut by the gateway; a backend that sends one is told.</summary>
    public const int MaxIdLength = IdText.MaxLength;

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

        if (happened.Id == Guid.Empty)
        {
            return DropReason.InvalidUuid;
        }

        bool isText = IsText(happened.Name) && IsText(happened.DistinctId) && IsText(happened.DeviceId) && IsText(happened.WindowId);
        return isText ? null : DropReason.InvalidText;
    }

    /// <summary>Postgres keeps neither a NUL nor a lone surrogate.</summary>
    private static bool IsText(ReadOnlySpan<char> text)
    {
        if (!text.ContainsAnyInRange('\uD800', '\uDFFF') && !text.Contains('\0'))
        {
            return true;
        }

        for (int i = 0; i < text.Length; i++)
        {
            if (char.IsHighSurrogate(text[i]) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1]))
            {
                i++;
            }
            else if (text[i] == '\0' || char.IsSurrogate(text[i]))
            {
                return false;
            }
        }

        return true;
    }
}
