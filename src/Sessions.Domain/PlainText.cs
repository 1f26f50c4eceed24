using System.Text;

namespace Sessions.Domain;

/// <summary>Text that people typed: it can go into Postgres, logs and pages as it is.</summary>
public static class PlainText
{
    /// <summary>
    /// The text as capture stores it: with U+FFFD for NUL and for half of a surrogate pair, which Postgres does not hold.
    /// </summary>
    public static string Storable(string text)
    {
        if (text.AsSpan().IndexOfAnyInRange('\uD800', '\uDFFF') < 0 && !text.Contains('\0'))
        {
            return text;
        }

        StringBuilder storable = new(text.Length);
        foreach (Rune character in text.EnumerateRunes())
        {
            // Half of a pair is enumerated as U+FFFD already.
            storable.Append(character.Value == 0 ? Rune.ReplacementChar.ToString() : character.ToString());
        }

        return storable.ToString();
    }

    /// <summary>Whether there are no control characters in it and no half of a surrogate pair.</summary>
    public static bool IsPlain(ReadOnlySpan<char> text)
    {
        for (int i = 0; i < text.Length; i++)
        {
            if (char.IsHighSurrogate(text[i]) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1]))
            {
                i++;
            }
            else if (char.IsControl(text[i]) || char.IsSurrogate(text[i]))
            {
                return false;
            }
        }

        return true;
    }
}
