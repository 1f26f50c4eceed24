using System.Buffers.Text;

namespace Sessions.Capture.Parsing;

/// <summary>Decides which JSON numbers Postgres stores in a <c>jsonb</c>, and measures their printed length.</summary>
internal static class PostgresNumber
{
    /// <summary>The most digits before the point in Postgres' <c>numeric</c>.</summary>
    public const int MaxWholeDigits = 131_072;

    /// <summary>The most digits after the point in Postgres' <c>numeric</c>.</summary>
    public const int MaxFractionDigits = 16_383;

    /// <summary>Measures a number.</summary>
    /// <param name="literal">A valid JSON number.</param>
    /// <param name="printed">
    /// How many bytes Postgres prints. It never uses exponents: <c>1e131071</c> has 8 bytes in JSON and 128 KiB in
    /// Postgres.
    /// </param>
    /// <returns>False when Postgres refuses it.</returns>
    public static bool TryMeasure(ReadOnlySpan<byte> literal, out int printed)
    {
        printed = literal.Length;
        int mark = literal.IndexOfAny((byte)'e', (byte)'E');
        if (mark < 0 && literal.Length <= MaxFractionDigits)
        {
            return true;
        }

        ReadOnlySpan<byte> digits = (mark < 0 ? literal : literal[..mark]).TrimStart((byte)'-');
        if (!TryReadExponent(mark < 0 ? [] : literal[(mark + 1)..], out int exponent))
        {
            return false;
        }

        int point = digits.IndexOf((byte)'.');
        int whole = point < 0 ? digits.Length : point;
        int fraction = Math.Max(0, (point < 0 ? 0 : digits.Length - whole - 1) - exponent);
        int leading = digits.IndexOfAnyExcept((byte)'0', (byte)'.');

        // The digits before the point, counted from the first one that is not zero. Zero itself has none.
        int places = leading < 0 ? 0 : whole + exponent - (leading < whole ? leading : leading - 1);
        if (places > MaxWholeDigits || fraction > MaxFractionDigits)
        {
            return false;
        }

        printed = Math.Max(1, places) + (fraction > 0 ? fraction + 1 : 0);
        return true;
    }

    private static bool TryReadExponent(ReadOnlySpan<byte> text, out int exponent)
    {
        exponent = 0;
        if (text.IsEmpty)
        {
            return true;
        }

        bool isNegative = text[0] == '-';
        text = text.TrimStart("+-"u8).TrimStart((byte)'0');

        // A number whose exponent has more than seven digits never fits: a body is too small to balance such an
        // exponent with digits.
        if (text.Length > 7 || (!text.IsEmpty && !Utf8Parser.TryParse(text, out exponent, out _)))
        {
            return false;
        }

        exponent = isNegative ? -exponent : exponent;
        return true;
    }
}
