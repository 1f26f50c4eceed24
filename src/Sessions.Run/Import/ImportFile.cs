using System.IO.Compression;
using Sessions.Host.Configuration;

namespace Sessions.Run.Import;

/// <summary>The format of a file.</summary>
internal enum FileKind
{
    /// <summary>A JSON object a line.</summary>
    JsonLines,

    /// <summary>JSON arrays, or objects over several lines.</summary>
    JsonElements,

    /// <summary>A web server's access log.</summary>
    AccessLog,
}

/// <summary>A file to import, as text. Its content shows whether it is compressed with gzip, not its name.</summary>
internal sealed class ImportFile
{
    private const int LookBytes = 64 * 1024;

    private static readonly (byte[] Begin, string What)[] Others =
    [
        ([0xFF, 0xFE], "is UTF-16"),
        ([0xFE, 0xFF], "is UTF-16"),
        ([0x28, 0xB5, 0x2F, 0xFD], "is compressed with zstd"),
        ([0xFD, (byte)'7', (byte)'z', (byte)'X', (byte)'Z'], "is compressed with xz"),
        ([(byte)'B', (byte)'Z', (byte)'h'], "is compressed with bzip2"),
        ([(byte)'P', (byte)'K', 3, 4], "is a zip archive"),
        ([(byte)'P', (byte)'A', (byte)'R', (byte)'1'], "is Parquet"),
    ];

    private readonly string _path;
    private readonly bool _isCompressed;
    private readonly int _begin;

    private ImportFile(string path, bool isCompressed, int begin, FileKind kind) =>
        (_path, _isCompressed, _begin, Kind) = (path, isCompressed, begin, kind);

    /// <summary>The bytes at the beginning of UTF-8 files of some programs.</summary>
    public static ReadOnlySpan<byte> ByteOrderMark => [0xEF, 0xBB, 0xBF];

    /// <summary>The format of the file.</summary>
    public FileKind Kind { get; }

    /// <summary>Detects the format from the beginning of the file.</summary>
    /// <exception cref="ConfigurationException">The import can't read this format.</exception>
    public static ImportFile LookAt(string path)
    {
        bool isCompressed = IsCompressed(path);
        byte[] buffer = new byte[LookBytes];
        int length;
        using (Stream text = Open(path, isCompressed, out _))
        {
            try
            {
                length = text.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false);
            }
            catch (InvalidDataException damaged)
            {
                throw new ConfigurationException($"import: {path} looks like a gzip file, but can't be read: {damaged.Message}");
            }
        }

        ReadOnlySpan<byte> head = buffer.AsSpan(0, length);
        foreach ((byte[] begin, string what) in Others)
        {
            if (head.StartsWith(begin))
            {
                throw new ConfigurationException($"import: {path} {what}; convert it to UTF-8 text, with or without gzip compression");
            }
        }

        int at = head.StartsWith(ByteOrderMark) ? ByteOrderMark.Length : 0;
        if (head[..Math.Min(head.Length, 4)].Contains((byte)0))
        {
            throw new ConfigurationException($"import: {path} is not UTF-8 text: it begins with zero bytes");
        }

        if (head[at..].StartsWith("session_id,event_id,"u8))
        {
            throw new ConfigurationException($"import: {path} is CSV; export the events with format=ndjson, which loses nothing");
        }

        return new ImportFile(path, isCompressed, at, KindOf(head[at..]));
    }

    /// <summary>Whether the file is compressed with gzip.</summary>
    public static bool IsCompressed(string path)
    {
        using FileStream raw = File.OpenRead(path);
        Span<byte> magic = stackalloc byte[2];
        return raw.ReadAtLeast(magic, magic.Length, throwOnEndOfStream: false) == magic.Length && magic is [0x1F, 0x8B];
    }

    /// <summary>Opens the text at a position that an earlier reader reached.</summary>
    /// <returns>Null when the text ends before that position: then it is another file.</returns>
    public async Task<OpenedFile?> OpenAt(long offset, CancellationToken cancel)
    {
        offset = Math.Max(offset, _begin);
        Stream text = Open(_path, _isCompressed, out FileStream raw);
        var whole = new DamageTolerantStream(text);
        if (_isCompressed)
        {
            byte[] passed = new byte[LookBytes];
            for (long left = offset; left > 0;)
            {
                int read = await whole.ReadAsync(passed.AsMemory(0, (int)Math.Min(left, passed.Length)), cancel);
                if (read == 0)
                {
                    await whole.DisposeAsync();
                    return null;
                }

                left -= read;
            }
        }
        else
        {
            raw.Seek(offset, SeekOrigin.Begin);
        }

        EntryReader entries = Kind == FileKind.JsonElements ? new JsonElementReader(whole, offset) : new LineReader(whole, offset);
        return new OpenedFile(entries, raw, whole);
    }

    private static Stream Open(string path, bool isCompressed, out FileStream raw)
    {
        raw = File.OpenRead(path);
        // It continues with the next gzip member, as in concatenated gzip files.
        return isCompressed ? new GZipStream(raw, CompressionMode.Decompress) : raw;
    }

    private static FileKind KindOf(ReadOnlySpan<byte> head)
    {
        head = head.TrimStart(" \t\r\n"u8);
        if (head.IsEmpty)
        {
            return FileKind.JsonLines;
        }

        ReadOnlySpan<byte> rest = head[1..].TrimStart(" \t\r"u8);
        return head[0] switch
        {
            // A virtual host may be in brackets too: [2001:db8::1]:443.
            (byte)'[' when rest.TrimStart((byte)'\n') is [] or [(byte)'{' or (byte)']' or (byte)'[' or (byte)'"' or (byte)'n', ..]
                || rest.StartsWith("\n"u8) => FileKind.JsonElements,
            (byte)'{' => rest.StartsWith("\n"u8) ? FileKind.JsonElements : FileKind.JsonLines,
            _ => FileKind.AccessLog,
        };
    }
}

/// <summary>A file that is open for reading.</summary>
/// <param name="Entries">Its entries.</param>
/// <param name="Raw">The file itself.</param>
/// <param name="Text">Its text.</param>
internal sealed record OpenedFile(EntryReader Entries, FileStream Raw, DamageTolerantStream Text) : IDisposable
{
    /// <summary>The part of the file that is read, from 0 to 1.</summary>
    public double Done => Raw.Length == 0 ? 1 : Math.Min(1, (double)Raw.Position / Raw.Length);

    /// <summary>Closes the file.</summary>
    public void Dispose() => Entries.Dispose();
}

/// <summary>A text that ends where its gzip data is damaged or incomplete; everything before is usable.</summary>
internal sealed class DamageTolerantStream(Stream text) : Stream
{
    /// <summary>The damage, once the reader has reached it; null before.</summary>
    public string? Damage { get; private set; }

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        try
        {
            return Damage is null ? await text.ReadAsync(buffer, cancellationToken) : 0;
        }
        catch (InvalidDataException damaged)
        {
            Damage = damaged.Message;
            return 0;
        }
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            text.Dispose();
        }

        base.Dispose(disposing);
    }
}
