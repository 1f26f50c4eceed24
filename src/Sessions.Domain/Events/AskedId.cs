namespace Sessions.Domain;

/// <summary>
/// An id that somebody asks for. It is looked for as it was written, since older versions stored ids untrimmed, and as
/// capture stores it now: both are one person.
/// </summary>
/// <param name="AsWritten">The text, with U+FFFD for what Postgres does not hold, cut to the longest id.</param>
/// <param name="Stored">What capture stores of it; the same text when it would store nothing.</param>
public sealed record AskedId(string AsWritten, string Stored)
{
    /// <summary>Both forms, each once.</summary>
    public IReadOnlyList<string> Forms => AsWritten == Stored ? [Stored] : [AsWritten, Stored];

    /// <summary>The id that a text asks for; null when the text is empty.</summary>
    public static AskedId? Of(string? text)
    {
        if (string.IsNullOrEmpty(text))
        {
            return null;
        }

        string whole = PlainText.Storable(text);
        string written = IdText.Cut(whole, IdText.MaxLength);
        return new AskedId(written, IdText.Stored(whole) ?? written);
    }
}
