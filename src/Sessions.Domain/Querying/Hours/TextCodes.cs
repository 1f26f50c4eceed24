using System.Text;

namespace Sessions.Domain.Querying.Hours;

/// <summary>Numbers texts from one on in the order in which they are first met; zero is no text.</summary>
internal sealed class TextCodes
{
    private readonly Dictionary<string, int> _codes = [];
    private readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> _byCharacters;
    private readonly List<string?> _texts = [null];
    private char[] _characters = new char[256];

    public TextCodes() => _byCharacters = _codes.GetAlternateLookup<ReadOnlySpan<char>>();

    /// <summary>The texts by their numbers; the first is null.</summary>
    public IReadOnlyList<string?> Texts => _texts;

    /// <summary>The text's number.</summary>
    public int Add(string? text) => text is null ? 0 : Add(text.AsSpan());

    /// <summary>The number of a text in UTF-8.</summary>
    public int Add(ReadOnlySpan<byte> text)
    {
        if (text.Length > _characters.Length)
        {
            _characters = new char[text.Length * 2];
        }

        return Add(_characters.AsSpan(0, Encoding.UTF8.GetChars(text, _characters)));
    }

    private int Add(ReadOnlySpan<char> text)
    {
        if (_byCharacters.TryGetValue(text, out int code))
        {
            return code;
        }

        string its = text.ToString();
        code = _texts.Count;
        _codes.Add(its, code);
        _texts.Add(its);
        return code;
    }
}
