using System.Text;

namespace Sessions.Domain.Querying.Hours;

/// <summary>
/// Gives texts numbers from one on; zero stands for a missing text. The numbers are reference-counted: when a number
/// has no reference any more, its text is freed and the number is used again.
/// </summary>
internal sealed class TextCodes
{
    // The approximate size of an entry without its text, in bytes.
    private const int BytesOfEntry = 120;

    private readonly Dictionary<byte[], int> _codes = new(ByContent.Comparer);
    private readonly Dictionary<byte[], int>.AlternateLookup<ReadOnlySpan<byte>> _byContent;
    private readonly List<string?> _texts = [null];
    private readonly List<int> _holds = [0];
    private readonly Stack<int> _free = [];

    public TextCodes() => _byContent = _codes.GetAlternateLookup<ReadOnlySpan<byte>>();

    /// <summary>The texts by their numbers; null for unused numbers.</summary>
    public IReadOnlyList<string?> Texts => _texts;

    /// <summary>The approximate size in bytes of memory.</summary>
    public long Bytes { get; private set; }

    /// <summary>Returns the number of a UTF-8 text, and adds that many references to it.</summary>
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

    /// <summary>Releases one reference to a number.</summary>
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

    /// <summary>Compares byte arrays by content. A hot path, because each hour lists its texts again.</summary>
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
