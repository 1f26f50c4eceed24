using System.Text;
using System.Text.Json;

namespace Sessions.Capture.Parsing;

/// <content>How texts, ids and names are read.</content>
internal ref partial struct BodyScanner
{
    /// <summary>Reads a value as text: a string as it is, null as null, and any other value as its JSON.</summary>
    private string? ReadText(ref string? last)
    {
        int start = (int)_reader.TokenStartIndex;
        bool isString = _reader.TokenType == JsonTokenType.String;
        bool isNull = _reader.TokenType == JsonTokenType.Null;
        _reader.Skip();
        return isNull ? null : ToText(ref last, start, isString);
    }

    /// <summary>Reads a value like <see cref="ReadText"/> and checks it, because it is stored.</summary>
    private string? ReadKeptText(ref string? last, ScannedEvent found, int outside, int maxLength = MaxTextLength)
    {
        int start = (int)_reader.TokenStartIndex;
        bool isString = _reader.TokenType == JsonTokenType.String;
        bool isNull = _reader.TokenType == JsonTokenType.Null;
        CheckValue(found, outside);
        return isNull ? null : ToText(ref last, start, isString, maxLength);
    }

    /// <summary>Reads a value as an id or name in its stored form; null when it is blank.</summary>
    private string? ReadId(ref string? last)
    {
        int start = (int)_reader.TokenStartIndex;
        bool isString = _reader.TokenType == JsonTokenType.String;
        bool isNull = _reader.TokenType == JsonTokenType.Null;
        _reader.Skip();
        return isNull ? null : ToId(ref last, start, isString);
    }

    /// <summary>Reads a value like <see cref="ReadId"/> and checks it, because it is stored.</summary>
    private string? ReadKeptId(ref string? last, ScannedEvent found, int outside)
    {
        int start = (int)_reader.TokenStartIndex;
        bool isString = _reader.TokenType == JsonTokenType.String;
        bool isNull = _reader.TokenType == JsonTokenType.Null;
        CheckValue(found, outside);
        return isNull ? null : ToId(ref last, start, isString);
    }

    private readonly string? ToId(ref string? last, int start, bool isString)
    {
        ReadOnlySpan<byte> raw = isString ? _reader.ValueSpan : _json[start..(int)_reader.BytesConsumed];
        bool isEscaped = isString && _reader.ValueIsEscaped;
        if (isEscaped || last is null || !Ascii.Equals(raw, last))
        {
            last = JsonText.ReadId(raw, isEscaped);
        }

        return last;
    }

    private readonly string ToText(ref string? last, int start, bool isString, int maxLength = MaxTextLength)
    {
        ReadOnlySpan<byte> raw = isString ? _reader.ValueSpan : _json[start..(int)_reader.BytesConsumed];
        bool isEscaped = isString && _reader.ValueIsEscaped;
        if (isEscaped || last is null || !Ascii.Equals(raw, last))
        {
            last = JsonText.Read(raw, isEscaped, maxLength);
        }

        return last;
    }
}
