using System.Text.Json;

namespace Sessions.Domain.Replay.Clicks;

/// <summary>What of a recorded element decides whether it is clickable. The words are HTML's.</summary>
internal struct ElementFacts
{
    private bool _isLink;
    private bool _isControl;
    private bool _isInput;
    private bool _hasAddress;
    private bool _isFragment;
    private bool _hasHandler;
    private bool _leadsOutside;
    private bool _isPressedInput;

    /// <summary>What a click on it should do.</summary>
    public readonly ClickTarget Target =>
        _leadsOutside && _isLink ? ClickTarget.None
        : _isLink && _hasAddress ? _isFragment ? ClickTarget.Control : ClickTarget.Link
        : _isControl || _hasHandler || (_isInput && _isPressedInput) ? ClickTarget.Control
        : ClickTarget.None;

    /// <summary>Takes the name of the element.</summary>
    public void TakeTag(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.String || reader.ValueIsEscaped)
        {
            return;
        }

        ReadOnlySpan<byte> tag = reader.ValueSpan;
        _isLink = Is(tag, "a"u8) || Is(tag, "area"u8);
        _isControl |= Is(tag, "button"u8) || Is(tag, "summary"u8);
        _isInput = Is(tag, "input"u8);
    }

    /// <summary>Takes its attributes. Afterwards the reader is at the last token of the value.</summary>
    public void TakeAttributes(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            reader.Skip();
            return;
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            ReadOnlySpan<byte> name = reader.ValueSpan;
            reader.Read();
            ReadOnlySpan<byte> value = reader.TokenType == JsonTokenType.String ? reader.ValueSpan : default;
            if (Is(name, "href"u8) && value.Length > 0)
            {
                _hasAddress = true;
                _isFragment = value[0] == (byte)'#' || Starts(value, "javascript:"u8);
                _leadsOutside |= Starts(value, "mailto:"u8) || Starts(value, "tel:"u8) || Starts(value, "sms:"u8);
            }
            else if (Is(name, "target"u8))
            {
                _leadsOutside |= value.Length > 0 && !Is(value, "_self"u8) && !Is(value, "_top"u8) && !Is(value, "_parent"u8);
            }
            else if (Is(name, "download"u8))
            {
                _leadsOutside = true;
            }
            else if (Is(name, "onclick"u8) || Is(name, "_onclick"u8))
            {
                _hasHandler = true;
            }
            else if (Is(name, "role"u8))
            {
                _isControl |= IsControl(value);
            }
            else if (Is(name, "type"u8))
            {
                _isPressedInput = Is(value, "button"u8) || Is(value, "submit"u8) || Is(value, "reset"u8) || Is(value, "image"u8)
                    || Is(value, "checkbox"u8) || Is(value, "radio"u8);
            }

            reader.Skip();
        }
    }

    private static bool IsControl(ReadOnlySpan<byte> role) =>
        Is(role, "button"u8) || Is(role, "link"u8) || Is(role, "tab"u8) || Is(role, "menuitem"u8) || Is(role, "menuitemcheckbox"u8)
        || Is(role, "menuitemradio"u8) || Is(role, "checkbox"u8) || Is(role, "radio"u8) || Is(role, "switch"u8) || Is(role, "option"u8)
        || Is(role, "treeitem"u8);

    private static bool Is(ReadOnlySpan<byte> text, ReadOnlySpan<byte> word) => System.Text.Ascii.EqualsIgnoreCase(text, word);

    private static bool Starts(ReadOnlySpan<byte> text, ReadOnlySpan<byte> word) => text.Length >= word.Length && Is(text[..word.Length], word);
}
