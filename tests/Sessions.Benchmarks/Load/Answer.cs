namespace Sessions.Benchmarks.Load;

/// <summary>Reads answers off a connection as far as the load needs them.</summary>
internal sealed class Answer
{
    private readonly byte[] _buffer = new byte[64 * 1024];
    private int _filled;

    /// <summary>Where the next bytes go.</summary>
    public Memory<byte> Free => _filled < _buffer.Length
        ? _buffer.AsMemory(_filled)
        : throw new InvalidDataException("An answer is longer than any that is expected.");

    /// <summary>What went wrong, if the answer said so.</summary>
    public string? Complaint { get; private set; }

    /// <summary>Takes bytes that came; true when the answer is whole.</summary>
    public bool Take(int received)
    {
        if (received == 0)
        {
            throw new IOException("The server closed the connection.");
        }

        _filled += received;
        ReadOnlySpan<byte> all = _buffer.AsSpan(0, _filled);
        int end = all.IndexOf("\r\n\r\n"u8);
        if (end < 0)
        {
            return false;
        }

        ReadOnlySpan<byte> head = all[..end];
        ReadOnlySpan<byte> body = all[(end + 4)..];
        bool isWhole = LengthOf(head) is { } length ? body.Length >= length : body.EndsWith("0\r\n\r\n"u8);
        if (isWhole)
        {
            Complaint = head.StartsWith("HTTP/1.1 200"u8) && body.IndexOf("dropped"u8) < 0 && body.IndexOf("warnings"u8) < 0
                ? null
                : System.Text.Encoding.UTF8.GetString(all);
            _filled = 0;
        }

        return isWhole;
    }

    private static int? LengthOf(ReadOnlySpan<byte> head)
    {
        ReadOnlySpan<byte> name = "Content-Length: "u8;
        int at = head.IndexOf(name);
        if (at < 0)
        {
            return null;
        }

        return System.Buffers.Text.Utf8Parser.TryParse(head[(at + name.Length)..], out int length, out _) ? length : null;
    }
}
