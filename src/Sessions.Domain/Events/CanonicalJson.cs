using System.Buffers;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;

namespace Sessions.Domain.Events;

/// <summary>
/// Writes JSON so that values that are equal as Postgres' <c>jsonb</c> become the same bytes: members are sorted by
/// name, only the last of several members with one name is kept, numbers and strings have one spelling, and there are
/// no spaces.
/// </summary>
internal static class CanonicalJson
{
    // Deeper than any gateway accepts. Deeper values are written unchanged, to limit the recursion.
    private const int MaxDepth = 1_000;

    // Postgres refuses numbers whose exponents have more digits than this.
    private const int MaxExponentDigits = 9;

    /// <summary>Writes an object's members.</summary>
    /// <param name="value">The object.</param>
    /// <param name="isLeftOut">Whether to leave out a member. Members of nested objects are never left out.</param>
    /// <param name="target">Gets the bytes; none when all members are left out.</param>
    /// <exception cref="InvalidOperationException"> A name or a string contains half of a surrogate pair. </exception>
    public static void WriteMembers(JsonElement value, Func<JsonProperty, bool> isLeftOut, IBufferWriter<byte> target)
    {
        foreach (JsonProperty member in InOrder(value))
        {
            if (!isLeftOut(member))
            {
                WriteMember(member, depth: 1, target);
            }
        }
    }

    private static void WriteMember(JsonProperty member, int depth, IBufferWriter<byte> target)
    {
        WriteText(member.Name, target);
        target.Write(":"u8);
        Write(member.Value, depth + 1, target);
        target.Write(","u8);
    }

    private static void Write(JsonElement value, int depth, IBufferWriter<byte> target)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object when depth <= MaxDepth:
                target.Write("{"u8);
                foreach (JsonProperty member in InOrder(value))
                {
                    WriteMember(member, depth, target);
                }

                target.Write("}"u8);
                break;
            case JsonValueKind.Array when depth <= MaxDepth:
                target.Write("["u8);
                foreach (JsonElement element in value.EnumerateArray())
                {
                    Write(element, depth + 1, target);
                    target.Write(","u8);
                }

                target.Write("]"u8);
                break;
            case JsonValueKind.String:
                ReadOnlySpan<byte> raw = JsonMarshal.GetRawUtf8Value(value);
                if (raw.Contains((byte)'\\'))
                {
                    WriteText(value.GetString()!, target);
                }
                else
                {
                    WriteText(raw[1..^1], target);
                }

                break;
            case JsonValueKind.Number:
                WriteNumber(JsonMarshal.GetRawUtf8Value(value), target);
                break;
            default:
                target.Write(JsonMarshal.GetRawUtf8Value(value));
                break;
        }
    }

    private static IEnumerable<JsonProperty> InOrder(JsonElement value)
    {
        // A stable sort, so that members with the same name keep their order.
        JsonProperty[] members = [.. value.EnumerateObject().OrderBy(member => member.Name, StringComparer.Ordinal)];
        for (int i = 0; i < members.Length; i++)
        {
            if (i == members.Length - 1 || members[i].Name != members[i + 1].Name)
            {
                yield return members[i];
            }
        }
    }

    private static void WriteText(string text, IBufferWriter<byte> target) => WriteText(Encoding.UTF8.GetBytes(text), target);

    /// <summary>
    /// Writes a text with its length before it, so that two texts can't be confused with two others that have the same
    /// concatenation.
    /// </summary>
    private static void WriteText(ReadOnlySpan<byte> utf8, IBufferWriter<byte> target)
    {
        target.Write("\""u8);
        WriteWhole(utf8.Length, target);
        target.Write("\""u8);
        target.Write(utf8);
    }

    /// <summary>
    /// Writes a number's digits without leading and trailing zeros, and the power of ten of the last digit.
    /// </summary>
    private static void WriteNumber(ReadOnlySpan<byte> raw, IBufferWriter<byte> target)
    {
        bool isNegative = raw[0] == '-';
        ReadOnlySpan<byte> text = isNegative ? raw[1..] : raw;
        int exponentAt = text.IndexOfAny((byte)'e', (byte)'E');
        ReadOnlySpan<byte> exponentText = exponentAt < 0 ? [] : text[(exponentAt + 1)..];
        text = exponentAt < 0 ? text : text[..exponentAt];
        if (exponentText.TrimStart("+-0"u8).Length > MaxExponentDigits)
        {
            target.Write(raw);
            return;
        }

        int point = text.IndexOf((byte)'.');
        int fraction = point < 0 ? 0 : text.Length - point - 1;
        byte[] all = new byte[text.Length];
        int length = 0;
        foreach (byte digit in text)
        {
            if (digit != '.')
            {
                all[length++] = digit;
            }
        }

        ReadOnlySpan<byte> digits = all.AsSpan(0, length).TrimStart((byte)'0');
        ReadOnlySpan<byte> significant = digits.TrimEnd((byte)'0');
        if (significant.IsEmpty)
        {
            target.Write("0"u8);
            return;
        }

        long exponent = exponentText.IsEmpty
            ? 0
            : long.Parse(Encoding.ASCII.GetString(exponentText), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
        target.Write(isNegative ? "-"u8 : []);
        target.Write(significant);
        target.Write("e"u8);
        WriteWhole(exponent - fraction + (digits.Length - significant.Length), target);
    }

    private static void WriteWhole(long number, IBufferWriter<byte> target)
    {
        const int Longest = 20;
        Span<byte> room = target.GetSpan(Longest);
        _ = number.TryFormat(room, out int written, default, CultureInfo.InvariantCulture);
        target.Advance(written);
    }
}
