using System.Buffers;
using System.IO.Compression;
using System.Text.Json;
using Sessions.Domain.Replay;
using Sessions.Queries;

namespace Sessions.Web.Replay;

/// <summary>A block that is being played. It holds its bytes as stored, and decompresses one line at a time.</summary>
internal sealed class OpenReplayBlock : IDisposable
{
    private readonly BrotliStream _plain;
    private readonly long _skewMs;
    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(32 * 1024);
    private int _start;
    private int _end;
    private int _lineEnd;
    private bool _isOver;

    /// <param name="stored">The block.</param>
    /// <param name="place">Its position among the blocks that are played.</param>
    public OpenReplayBlock(StoredReplayBlock stored, int place)
    {
        Place = place;
        Ref = stored.Ref;
        HeldBytes = stored.Length;
        WindowId = stored.WindowId;
        Window = JsonSerializer.SerializeToUtf8Bytes(stored.WindowId);
        _skewMs = stored.Ref.SkewMs;
        _plain = new BrotliStream(stored.Data.AsStream(), CompressionMode.Decompress);
    }

    public ReplayBlockRef Ref { get; }

    /// <summary>
    /// Its position among the blocks that are played. Of two events of the same time, the one of the earlier block
    /// comes first.
    /// </summary>
    public int Place { get; }

    /// <summary>The most memory that its bytes take while it is open.</summary>
    public long HeldBytes { get; }

    /// <summary>The window that was recorded.</summary>
    public string WindowId { get; }

    /// <summary>The window's id as a JSON string.</summary>
    public byte[] Window { get; }

    /// <summary>The current event: JSON without the line break.</summary>
    public ReadOnlyMemory<byte> Line => _buffer.AsMemory(_start, _lineEnd - _start);

    /// <summary>The event's time in milliseconds since 1970, in server time.</summary>
    public long TimeMs =>
        ReplayFactsReader.TryRead(Line.Span, out ReplayFacts facts) ? ReplaySummary.Shift(facts.TimeMs, _skewMs) : Ref.StartMs;

    /// <summary>Moves to the next event; false when there is none.</summary>
    public bool Next()
    {
        _start = _lineEnd == 0 ? 0 : _lineEnd + 1;
        for (int looked = _start; ;)
        {
            int end = _buffer.AsSpan(looked, _end - looked).IndexOf((byte)'\n');
            if (end >= 0)
            {
                _lineEnd = looked + end;
                return true;
            }

            looked = _end;
            if (_isOver)
            {
                return false;
            }

            looked -= Fill();
        }
    }

    public void Dispose()
    {
        _plain.Dispose();
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = [];
    }

    /// <summary>Reads more bytes after the rest of the buffer. Returns how far that rest has moved.</summary>
    private int Fill()
    {
        int moved = 0;
        if (_end == _buffer.Length)
        {
            byte[] old = _buffer;
            int left = _end - _start;
            if (left > old.Length / 2)
            {
                _buffer = ArrayPool<byte>.Shared.Rent(old.Length * 2);
            }

            old.AsSpan(_start, left).CopyTo(_buffer);
            if (!ReferenceEquals(old, _buffer))
            {
                ArrayPool<byte>.Shared.Return(old);
            }

            moved = _start;
            _start = 0;
            _end = left;
        }

        int read = _plain.Read(_buffer, _end, _buffer.Length - _end);
        _isOver = read == 0;
        _end += read;
        return moved;
    }
}
