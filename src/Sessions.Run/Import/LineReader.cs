namespace Sessions.Run.Import;

/// <summary>
/// Reads the lines of a text, without their line breaks and without the byte order mark that some programs write
/// first. In concatenated files it may precede any line.
/// </summary>
internal sealed class LineReader(Stream stream, long offset) : EntryReader
{
    private readonly byte[] _buffer = new byte[LongestEntry];
    private long _next = offset;
    private int _begin;
    private int _end;

    public override long Next => _next;

    public override async ValueTask<FileEntry?> Read(CancellationToken cancel)
    {
        long from = _next;
        bool tooLong = false;
        while (true)
        {
            int at = Array.IndexOf(_buffer, (byte)'\n', _begin, _end - _begin);
            if (at >= 0)
            {
                return Take(from, at, at + 1, tooLong ? EntryFault.TooLong : EntryFault.None);
            }

            if (_begin > 0)
            {
                Buffer.BlockCopy(_buffer, _begin, _buffer, 0, _end - _begin);
                (_begin, _end) = (0, _end - _begin);
            }

            if (_end == _buffer.Length)
            {
                tooLong = true;
                _next += _end;
                _end = 0;
            }

            int read = await stream.ReadAsync(_buffer.AsMemory(_end), cancel);
            if (read == 0)
            {
                return _end > 0 || tooLong ? Take(from, _end, _end, tooLong ? EntryFault.TooLong : EntryFault.Cut) : null;
            }

            _end += read;
        }
    }

    public override void Dispose() => stream.Dispose();

    private FileEntry Take(long from, int end, int next, EntryFault fault)
    {
        ReadOnlyMemory<byte> line = fault == EntryFault.TooLong ? default : _buffer.AsMemory(_begin, end - _begin).TrimEnd((byte)'\r');
        _next += next - _begin;
        _begin = next;
        return new FileEntry(line.Span.StartsWith(ImportFile.ByteOrderMark) ? line[ImportFile.ByteOrderMark.Length..] : line, from, fault);
    }
}
