using System.Text;

namespace Sessions.Domain.Querying.Hours;

/// <summary>Numbers texts from one on in the order in which they are first met; zero is no text.</summary>
internal sealed class TextCodes
{
    private readonly Dictionary<byte[], int> _codes = new(ByContent.Comparer);
    private readonly Dictionary<byte[], int>.AlternateLookup<ReadOnlySpan<byte>> _byContent;
    private readonly List<string?> _texts = [null];

    public TextCodes() => _byContent = _codes.GetAlternateLookup<ReadOnlySpan<byte>>();

    /// <summary>The texts by their numbers; the first is null.</summary>
    public IReadOnlyList<string?> Texts => _texts;

    /// <summary>The text's number.</summary>
    public int Add(string? text) => text is null ? 0 : Add(Encoding.UTF8.GetBytes(text));

    /// <summary>The number of a text in UTF-8.</summary>
    public int Add(ReadOnlySpan<byte> text)
    {
        if (!_byContent.TryGetValue(text, out int code))
        {
            code = _texts.Count;
            _codes.Add(text.ToArray(), code);
            _texts.Add(Encoding.UTF8.GetString(text));
        }

        return code;
    }

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
