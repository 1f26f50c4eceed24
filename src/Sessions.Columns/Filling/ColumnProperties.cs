using System.Buffers;
using System.Text.Json;
using Sessions.Database.Properties;

namespace Sessions.Columns.Filling;

/// <summary>
/// Reads the values of the properties that have columns out of the text that Postgres makes of a <c>jsonb</c> object. A value is the
/// text that Postgres' <c>-&gt;&gt;</c> gives, or null.
/// </summary>
/// <remarks>For one thread. A full parser would take several times as long.</remarks>
internal sealed class ColumnProperties
{
    private static readonly SearchValues<char> EndOfText = SearchValues.Create("\"\\");
    private static readonly SearchValues<char> EndOfPlain = SearchValues.Create(",}");
    private static readonly SearchValues<char> Structure = SearchValues.Create("\"{}[]");

    private readonly Dictionary<string, int> _places = [];
    private readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> _lookup;
    private readonly string?[] _values = new string?[PropertyColumns.Most];

    // What was read last, in each place: values come again, and need no new text then.
    private readonly string[] _last = new string[PropertyColumns.Most];

    /// <summary>Makes a reader.</summary>
    /// <param name="names">The names of the properties, in the order of their columns.</param>
    public ColumnProperties(IReadOnlyList<string> names)
    {
        for (int place = 0; place < names.Count; place++)
        {
            _places.Add(names[place], place);
        }

        Array.Fill(_last, "");
        _lookup = _places.GetAlternateLookup<ReadOnlySpan<char>>();
    }

    /// <summary>The values of the object that was read last, in the order of the columns.</summary>
    public IReadOnlyList<string?> Values => _values;

    /// <summary>Reads an object, and returns which of the values are numbers: one bit each, the lowest first.</summary>
    public long Read(string json)
    {
        Array.Clear(_values);
        long numbers = 0;
        if (_places.Count == 0)
        {
            return numbers;
        }

        ReadOnlySpan<char> left = json;
        left = left[1..];
        while (left.Length > 0 && left[0] == '"')
        {
            ReadOnlySpan<char> name = Text(ref left, out bool isEscaped);
            // The colon and the space after it.
            left = left[2..];
            bool isText = left[0] == '"';
            bool isNumber = left[0] == '-' || char.IsAsciiDigit(left[0]);
            bool isNull = left[0] == 'n';
            ReadOnlySpan<char> value = isText ? Text(ref left, out bool hasEscapes) : Other(ref left, out hasEscapes);
            // Names with escapes have no columns.
            if (!isEscaped && !isNull && _lookup.TryGetValue(name, out int place))
            {
                _values[place] = isText && hasEscapes
                    ? JsonSerializer.Deserialize<string>($"\"{value}\"")
                    : value.SequenceEqual(_last[place]) ? _last[place] : _last[place] = value.ToString();
                numbers |= isNumber ? 1L << place : 0;
            }

            // A comma and a space, or the end.
            left = left.Length > 2 ? left[2..] : [];
        }

        return numbers;
    }

    /// <summary>Takes a text with its quotes, and returns what is between them.</summary>
    private static ReadOnlySpan<char> Text(ref ReadOnlySpan<char> left, out bool hasEscapes)
    {
        hasEscapes = false;
        int end = 1;
        while (true)
        {
            end += left[end..].IndexOfAny(EndOfText);
            if (left[end] == '"')
            {
                ReadOnlySpan<char> text = left[1..end];
                left = left[(end + 1)..];
                return text;
            }

            hasEscapes = true;
            end += 2;
        }
    }

    /// <summary>Takes a value that is no text.</summary>
    private static ReadOnlySpan<char> Other(ref ReadOnlySpan<char> left, out bool hasEscapes)
    {
        hasEscapes = false;
        int end = left[0] is '{' or '[' ? Nested(left) : left.IndexOfAny(EndOfPlain);
        ReadOnlySpan<char> value = left[..end];
        left = left[end..];
        return value;
    }

    /// <summary>The length of the object or list at the beginning.</summary>
    private static int Nested(ReadOnlySpan<char> json)
    {
        int depth = 0, at = 0;
        while (true)
        {
            at += json[at..].IndexOfAny(Structure);
            switch (json[at])
            {
                case '"':
                    ReadOnlySpan<char> rest = json[at..];
                    int before = rest.Length;
                    Text(ref rest, out _);
                    at += before - rest.Length;
                    continue;
                case '{' or '[':
                    depth++;
                    break;
                default:
                    depth--;
                    break;
            }

            at++;
            if (depth == 0)
            {
                return at;
            }
        }
    }
}
