namespace Sessions;

/// <summary>
/// The stored form of ids and names of persons, devices, windows and events. Everything that writes ids stores this
/// form. A query may give an id as it was sent or in its stored form.
/// </summary>
/// <remarks>
/// White space, control characters and zero-width characters are removed at both ends: they come from files, forms and
/// copied text, and a person can't see or type them. Such characters inside the text are part of the id. NUL stays
/// where it is: the gateway replaces it with U+FFFD, and grains refuse it.
/// </remarks>
public static class IdText
{
    /// <summary>The longest id or name that is stored, in characters (UTF-16).</summary>
    public const int MaxLength = 200;

    /// <summary>The text without the invisible characters at its ends; null when nothing is left.</summary>
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
    /// The text as capture stores it: trimmed by <see cref="Trim"/> and cut to <see cref="MaxLength"/>, without
    /// splitting a surrogate pair. Null when nothing is left.
    /// </summary>
    public static string? Stored(string? text)
    {
        string? trimmed = Trim(text);
        return trimmed is { Length: > MaxLength } ? Trim(Cut(trimmed, MaxLength)) : trimmed;
    }

    /// <summary>The first characters of a text. A surrogate pair at the end is not split; it is left out.</summary>
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

    /// <summary>Whether a character is removed at the ends of ids.</summary>
    public static bool IsInvisible(char c) => c < '\u007F'
        ? c is <= ' ' and not '\0'
        : char.IsControl(c)
            || char.IsWhiteSpace(c)
            // Zero-width characters: spaces and joiners, direction marks, the byte order mark.
            || c is (>= '\u200B' and <= '\u200F') or '\u180E' or '\u2060' or '\uFEFF';
}
