using System.Buffers.Text;

namespace Sessions.Gateway.Capture.Parsing;

/// <summary>Which JSON numbers Postgres takes into a <c>jsonb</c>, and how long they are when it prints them.</summary>
internal static class PostgresNumber
{
    /// <summary>The most digits before the point that Postgres' <c>numeric</c> has.</summary>
    public const int MaxWholeDigits = 131_072;

    /// <summary>The most digits after the point.</summary>
    public const int MaxFractionDigits = 16_383;

    /// <summary>Measures a number.</summary>
    /// <param name="literal">A valid JSON number.</param>
    /// <param name="printed">
    /// How many bytes Postgres prints, which never uses exponents: <c>1e131071</c> is 8 bytes here and 128 KiB there.
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

        // The places before the point, counted from the first digit that is not zero. Zero itself has none.
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

        // No number of a body that is small enough has an exponent of more than seven digits and fits.
        if (text.Length > 7 || (!text.IsEmpty && !Utf8Parser.TryParse(text, out exponent, out _)))
        {
            return false;
        }

        exponent = isNegative ? -exponent : exponent;
        return true;
    }
}
