using System.Buffers;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;

namespace Sessions.Domain;

/// <summary>
/// Writes JSON so that values which Postgres' <c>jsonb</c> takes for equal become the same bytes: members by name, of
/// those with one name the last, numbers and strings in one spelling, no spaces.
/// </summary>
internal static class CanonicalJson
{
    // Deeper than any gateway lets through. What is below is written as it stands: a call for each level has to end.
    private const int MaxDepth = 1_000;

    // An exponent with more digits than this is no number that Postgres would keep.
    private const int MaxExponentDigits = 9;

    /// <summary>Writes an object's members.</summary>
    /// <param name="value">The object.</param>
    /// <param name="isLeftOut">Says of a member whether it counts for nothing; members of members always count.</param>
    /// <param name="target">Takes the bytes: none when no member counts.</param>
    /// <exception cref="InvalidOperationException">A name or a string is no text: it has half of a surrogate pair.</exception>
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
        // Sorted so that what has one name keeps its order.
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

    /// <summary>With its length before it, so that no text can pass for the end of one and the start of another.</summary>
    private static void WriteText(ReadOnlySpan<byte> utf8, IBufferWriter<byte> target)
    {
        target.Write("\""u8);
        WriteWhole(utf8.Length, target);
        target.Write("\""u8);
        target.Write(utf8);
    }

    /// <summary>Its digits without zeros before and after them, and the power of ten that the last one stands for.</summary>
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
