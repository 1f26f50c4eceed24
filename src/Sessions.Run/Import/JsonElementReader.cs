using System.Buffers;

namespace Sessions.Run.Import;

/// <summary>
/// Reads the elements of a JSON array of any size and layout. It skips brackets, commas and white space between
/// elements, so that reading can begin between any two of them, and continues with the next array in concatenated
/// files. JSON has no line break within a string. If one occurs there, the element is broken, and reading continues at
/// the next line that begins with a brace and is not indented further.
/// </summary>
internal sealed class JsonElementReader(Stream stream, long offset) : EntryReader
{
    private readonly byte[] _buffer = new byte[64 * 1024];
    private readonly ArrayBufferWriter<byte> _element = new();
    private long _next = offset;
    private int _at;
    private int _end;

    // The element's position in the text and in its line.
    private long _from;
    private int _column;
    private int _fromColumn;
    private Place _place = Place.Between;
    private int _depth;
    private bool _isInString;
    private bool _isEscaped;
    private bool _isLineStart;
    private bool _isTooLong;

    private enum Place
    {
        Between, Within, Lost,
    }

    public override long Next => _next;

    public override async ValueTask<FileEntry?> Read(CancellationToken cancel)
    {
        while (true)
        {
            if (Scan() is { } found)
            {
                return found;
            }

            _at = 0;
            _end = await stream.ReadAsync(_buffer, cancel);
            if (_end == 0)
            {
                return _place switch
                {
                    Place.Between => null,
                    Place.Lost => Take(EntryFault.Broken),
                    // A number or a word is complete without a following character.
                    _ => Take(_depth == 0 && !_isInString ? EntryFault.None : EntryFault.Cut),
                };
            }
        }
    }

    public override void Dispose() => stream.Dispose();

    private FileEntry? Scan()
    {
        while (_at < _end)
        {
            byte one = _buffer[_at];
            switch (_place)
            {
                case Place.Between when one is (byte)'[' or (byte)']' or (byte)',' || IsBlank(one):
                    Pass(one);
                    break;
                case Place.Between:
                    (_from, _fromColumn, _place) = (_next, _column, Place.Within);
                    break;
                case Place.Lost when _isLineStart && one == '{' && _column <= _fromColumn:
                    return Take(EntryFault.Broken);
                case Place.Lost:
                    _isLineStart = one == '\n' || (_isLineStart && IsBlank(one));
                    Pass(one);
                    break;
                case Place.Within when _isInString && one == '\n':
                    (_place, _isInString, _isEscaped, _depth, _isLineStart) = (Place.Lost, false, false, 0, false);
                    break;
                case Place.Within when !_isInString && _depth == 0 && _next > _from && (one is (byte)',' or (byte)']' || IsBlank(one)):
                    return Take(EntryFault.None);
                default:
                    Append(one);
                    if (_depth == 0 && !_isInString && (one is (byte)'}' or (byte)']' or (byte)'"'))
                    {
                        return Take(EntryFault.None);
                    }

                    break;
            }
        }

        return null;
    }

    private void Append(byte one)
    {
        if (_isInString)
        {
            _isInString = _isEscaped || one != '"';
            _isEscaped = !_isEscaped && one == '\\';
        }
        else
        {
            _isInString = one == '"';
            _depth = Math.Max(0, _depth + (one is (byte)'{' or (byte)'[' ? 1 : one is (byte)'}' or (byte)']' ? -1 : 0));
        }

        _isTooLong |= _element.WrittenCount == LongestEntry;
        if (!_isTooLong)
        {
            _element.GetSpan(1)[0] = one;
            _element.Advance(1);
        }

        Pass(one);
    }

    private void Pass(byte one)
    {
        _at++;
        _next++;
        _column = one == '\n' ? 0 : _column + 1;
    }

    private FileEntry Take(EntryFault fault)
    {
        ReadOnlyMemory<byte> text = fault is EntryFault.None && !_isTooLong ? _element.WrittenMemory : default;
        var taken = new FileEntry(text, _from, fault == EntryFault.None && _isTooLong ? EntryFault.TooLong : fault);
        _element.ResetWrittenCount();
        (_place, _depth, _isInString, _isEscaped, _isTooLong) = (Place.Between, 0, false, false, false);
        return taken;
    }

    private static bool IsBlank(byte one) => one is (byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n';
}
