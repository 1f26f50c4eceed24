namespace Sessions.Domain.Events;

/// <summary>Validates events before they are placed.</summary>
public static class EventValidation
{
    /// <summary>
    /// The longest name or id. As in PostHog, the gateway cuts longer ones. An event from a backend with a longer one
    /// is refused.
    /// </summary>
    public const int MaxIdLength = IdText.MaxLength;

    /// <summary>Why the event is refused, a word from <see cref="DropReason"/>; null when it is valid.</summary>
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

    /// <summary>Whether the text has no NUL and no lone surrogate, which Postgres can't store.</summary>
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
