namespace Sessions;

/// <summary>
/// What is stored of an id or a name: of persons, devices, windows and events. Every way in stores this form, and whoever
/// asks for an id may write it in either form.
/// </summary>
/// <remarks>
/// White space, control characters and characters without width are taken off both ends: they come from files, forms and
/// copied text, and nobody can see or type them. What stands inside is part of the id. NUL stays where it is: the gateway
/// replaces it with U+FFFD, and grains refuse it.
/// </remarks>
public static class IdText
{
    /// <summary>The longest id or name that is stored, in characters (UTF-16).</summary>
    public const int MaxLength = 200;

    /// <summary>The text without what is invisible at its ends; null when nothing is left.</summary>
    public static string? Trim(string? text)
    {
        if (string.IsNullOrEmpty(text))
        {
            return null;
        }

        if (!IsInvisible(text[0]) && !IsInvisible(text[^1]))
        {
            return text;
        }

        int start = 0, end = text.Length;
        while (start < end && IsInvisible(text[start]))
        {
            start++;
        }

        while (end > start && IsInvisible(text[end - 1]))
        {
            end--;
        }

        return start == end ? null : text[start..end];
    }

    /// <summary>
    /// The text as capture stores it: <see cref="Trim"/>, and cut to <see cref="MaxLength"/>, though not through the
    /// middle of a surrogate pair. Null when nothing is left.
    /// </summary>
    public static string? Stored(string? text)
    {
        string? trimmed = Trim(text);
        return trimmed is { Length: > MaxLength } ? Trim(Cut(trimmed, MaxLength)) : trimmed;
    }

    /// <summary>The first characters of a text, without half of a surrogate pair at their end.</summary>
    /// <param name="text">The text.</param>
    /// <param name="maxChars">The most characters (UTF-16) of the result.</param>
    public static string Cut(string text, int maxChars)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (text.Length <= maxChars)
        {
            return text;
        }

        return char.IsHighSurrogate(text[maxChars - 1]) ? text[..(maxChars - 1)] : text[..maxChars];
    }

    /// <summary>Whether a character is taken off the ends of ids.</summary>
    public static bool IsInvisible(char c) => c < '\u007F'
        ? c is <= ' ' and not '\0'
        : char.IsControl(c)
            || char.IsWhiteSpace(c)
            // Without width: spaces and joiners, marks of direction, the byte order mark.
            || c is (>= '\u200B' and <= '\u200F') or '\u180E' or '\u2060' or '\uFEFF';
}
