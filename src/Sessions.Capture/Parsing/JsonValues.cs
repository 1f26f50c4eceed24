using System.Buffers.Text;
using System.Text;
using System.Text.Json;
using Sessions.Domain.Time;

namespace Sessions.Capture.Parsing;

/// <summary>
/// Reads the current token as the expected type. A token of another type is skipped and counts as missing.
/// </summary>
internal static class JsonValues
{
    /// <summary>Reads a time from a string or a number; null when the value is neither.</summary>
    public static Moment? ReadMoment(ref Utf8JsonReader reader)
    {
        if (reader.TokenType is not (JsonTokenType.String or JsonTokenType.Number))
        {
            reader.Skip();
            return null;
        }

        ReadOnlySpan<byte> raw = reader.ValueSpan;
        if (reader.TokenType == JsonTokenType.String && reader.ValueIsEscaped)
        {
            // PHP escapes the slashes of dates.
            return TimestampText.TryParse(JsonText.Read(raw, true, TimestampText.MaxLength + 1), out Moment unescaped) ? unescaped : null;
        }

        if (raw.Length > TimestampText.MaxLength)
        {
            return null;
        }

        Span<char> text = stackalloc char[TimestampText.MaxLength];
        int length = Encoding.UTF8.GetChars(raw, text);
        return TimestampText.TryParse(text[..length], out Moment moment) ? moment : null;
    }

    /// <summary>Reads a number of milliseconds; null when the value is not one.</summary>
    public static long? ReadMilliseconds(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.Number)
        {
            reader.Skip();
            return null;
        }

        if (reader.TryGetInt64(out long whole))
        {
            return whole;
        }

        return reader.TryGetDouble(out double real) ? (long)Math.Clamp(real, -1e15, 1e15) : null;
    }

    /// <summary>Reads a whole number that is not negative; null for any other value.</summary>
    public static long? ReadOrder(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.Number)
        {
            reader.Skip();
            return null;
        }

        return reader.TryGetInt64(out long order) && order >= 0 ? order : null;
    }

    /// <summary>Reads an event's id; null when there is none. Returns false when the value is no id.</summary>
    public static bool TryReadId(ref Utf8JsonReader reader, out Guid? id)
    {
        id = null;
        if (reader.TokenType != JsonTokenType.String)
        {
            bool isNull = reader.TokenType == JsonTokenType.Null;
            reader.Skip();
            return isNull;
        }

        ReadOnlySpan<byte> raw = reader.ValueSpan;
        char format = raw.Length switch { 36 => 'D', 32 => 'N', 38 => 'B', _ => '\0' };
        if (format != '\0' && Utf8Parser.TryParse(raw, out Guid parsed, out int used, format) && used == raw.Length)
        {
            id = parsed;
        }

        return id is not null || raw.IsEmpty;
    }

    /// <summary>
    /// Reads a session's id: 36 characters of a UUID that is not nil or max; null when there is none. Returns false
    /// when the value is no such id. The reader stays at the beginning of an object or array.
    /// </summary>
    public static bool TryReadSessionId(ref Utf8JsonReader reader, out Guid? session)
    {
        session = null;
        if (reader.TokenType == JsonTokenType.Null)
        {
            return true;
        }

        if (reader.TokenType != JsonTokenType.String)
        {
            return false;
        }

        ReadOnlySpan<byte> raw = reader.ValueSpan;
        if (raw.Length == 36
            && Utf8Parser.TryParse(raw, out Guid parsed, out int used)
            && used == raw.Length
            && parsed != Guid.Empty
            && parsed != Guid.AllBitsSet)
        {
            session = parsed;
        }

        return session is not null || raw.IsEmpty;
    }
}
