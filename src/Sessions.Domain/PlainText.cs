using System.Text;

namespace Sessions.Domain;

/// <summary>Makes text that users typed safe for Postgres, logs and pages.</summary>
public static class PlainText
{
    /// <summary>
    /// The text as capture stores it: U+FFFD replaces NUL and half of a surrogate pair, which Postgres can't store.
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
            // EnumerateRunes already returns U+FFFD for half of a pair.
            storable.Append(character.Value == 0 ? Rune.ReplacementChar.ToString() : character.ToString());
        }

        return storable.ToString();
    }

    /// <summary>Whether the text contains no control character and no half of a surrogate pair.</summary>
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
