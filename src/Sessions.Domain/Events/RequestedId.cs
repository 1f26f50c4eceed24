namespace Sessions.Domain.Events;

/// <summary>
/// An id in a query, in two forms: as it was written, because older versions stored ids untrimmed, and as capture
/// stores it now. Both forms are the same person.
/// </summary>
/// <param name="AsWritten">
/// The text, cut to the longest id, with U+FFFD for characters that Postgres can't store.
/// </param>
/// <param name="Stored">The form that capture stores; the same text when capture would store nothing.</param>
public sealed record RequestedId(string AsWritten, string Stored)
{
    /// <summary>The distinct forms.</summary>
    public IReadOnlyList<string> Forms => AsWritten == Stored ? [Stored] : [AsWritten, Stored];

    /// <summary>Makes the id from a query's text; null when the text is empty.</summary>
    public static RequestedId? Of(string? text)
    {
        if (string.IsNullOrEmpty(text))
        {
            return null;
        }

        string whole = PlainText.Storable(text);
        string written = IdText.Cut(whole, IdText.MaxLength);
        return new RequestedId(written, IdText.Stored(whole) ?? written);
    }
}
