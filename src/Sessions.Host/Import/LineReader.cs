using System.Text;

namespace Sessions.Host.Import;

/// <summary>Lines of a file with the places where they end, from any place on.</summary>
internal sealed class LineReader(Stream stream, long offset) : IDisposable
{
    // Longer than any event that capture takes: what is longer is no line of ours.
    private const int LongestLine = 4 * 1024 * 1024;

    private readonly byte[] _buffer = new byte[LongestLine];
    private int _begin;
    private int _end;

    /// <summary>Where the next line begins.</summary>
    public long Offset { get; private set; } = offset;

    /// <summary>Whether the last line was longer than anything that could be taken.</summary>
    public bool WasTooLong { get; private set; }

    /// <summary>The next line without its end; null at the end. A line that is too long comes as an empty one.</summary>
    public async ValueTask<string?> Read(CancellationToken cancel)
    {
        bool tooLong = false;
        while (true)
        {
            int at = Array.IndexOf(_buffer, (byte)'\n', _begin, _end - _begin);
            if (at >= 0)
            {
                return Take(at, at + 1, tooLong);
            }

            if (_begin > 0)
            {
                Buffer.BlockCopy(_buffer, _begin, _buffer, 0, _end - _begin);
                (_begin, _end) = (0, _end - _begin);
            }

            if (_end == _buffer.Length)
            {
                tooLong = true;
                Offset += _end;
                _end = 0;
            }

            int read = await stream.ReadAsync(_buffer.AsMemory(_end), cancel);
            if (read == 0)
            {
                return _end > 0 || tooLong ? Take(_end, _end, tooLong) : null;
            }

            _end += read;
        }
    }

    public void Dispose() => stream.Dispose();

    private string Take(int end, int next, bool tooLong)
    {
        WasTooLong = tooLong;
        string line = tooLong ? "" : Encoding.UTF8.GetString(_buffer, _begin, end - _begin).TrimEnd('\r');
        Offset += next - _begin;
        _begin = next;
        return line;
    }
}
