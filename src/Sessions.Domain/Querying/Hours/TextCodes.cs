using System.Text;

namespace Sessions.Domain.Querying.Hours;

/// <summary>
/// Numbers texts from one on; zero is no text. A number is its text's for as long as somebody holds it; nothing is left
/// here of one that nobody holds, and the number goes to another.
/// </summary>
internal sealed class TextCodes
{
    // What an entry takes besides its letters, about.
    private const int BytesOfEntry = 120;

    private readonly Dictionary<byte[], int> _codes = new(ByContent.Comparer);
    private readonly Dictionary<byte[], int>.AlternateLookup<ReadOnlySpan<byte>> _byContent;
    private readonly List<string?> _texts = [null];
    private readonly List<int> _holds = [0];
    private readonly Stack<int> _free = [];

    public TextCodes() => _byContent = _codes.GetAlternateLookup<ReadOnlySpan<byte>>();

    /// <summary>The texts by their numbers; null where there is none.</summary>
    public IReadOnlyList<string?> Texts => _texts;

    /// <summary>How many bytes of memory this takes, about.</summary>
    public long Bytes { get; private set; }

    /// <summary>The number of a text in UTF-8, which is held so many times more.</summary>
    public int Hold(ReadOnlySpan<byte> text, int times)
    {
        if (!_byContent.TryGetValue(text, out int code))
        {
            if (!_free.TryPop(out code))
            {
                code = _texts.Count;
                _texts.Add(null);
                _holds.Add(0);
            }

            _codes.Add(text.ToArray(), code);
            _texts[code] = Encoding.UTF8.GetString(text);
            Bytes += BytesOf(text.Length);
        }

        _holds[code] += times;
        return code;
    }

    /// <summary>A hold of a number is given up.</summary>
    public void Release(int code)
    {
        if (--_holds[code] == 0)
        {
            byte[] text = Encoding.UTF8.GetBytes(_texts[code]!);
            _codes.Remove(text);
            _texts[code] = null;
            _free.Push(code);
            Bytes -= BytesOf(text.Length);
        }
    }

    private static long BytesOf(int length) => BytesOfEntry + (3L * length);

    /// <summary>Bytes are alike by what they are. Each hour names its texts again, so this is where time goes.</summary>
    private sealed class ByContent : IEqualityComparer<byte[]>, IAlternateEqualityComparer<ReadOnlySpan<byte>, byte[]>
    {
        public static readonly ByContent Comparer = new();

        public bool Equals(byte[]? x, byte[]? y) => x.AsSpan().SequenceEqual(y);

        public int GetHashCode(byte[] obj) => GetHashCode(obj.AsSpan());

        public byte[] Create(ReadOnlySpan<byte> alternate) => alternate.ToArray();

        public bool Equals(ReadOnlySpan<byte> alternate, byte[] other) => alternate.SequenceEqual(other);

        public int GetHashCode(ReadOnlySpan<byte> alternate)
        {
            HashCode hash = default;
            hash.AddBytes(alternate);
            return hash.ToHashCode();
        }
    }
}
