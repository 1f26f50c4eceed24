using System.IO.Compression;
using Sessions.Host.Configuration;

namespace Sessions.Host.Import;

/// <summary>How a file's events are written.</summary>
internal enum FileKind
{
    /// <summary>A JSON object a line.</summary>
    JsonLines,

    /// <summary>JSON arrays, or objects over several lines.</summary>
    JsonElements,

    /// <summary>A web server's access log.</summary>
    AccessLog,
}

/// <summary>A file that is to be imported, as text: what is compressed with gzip is so by its content, whatever its name.</summary>
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

    /// <summary>What UTF-8 texts of some programs begin with.</summary>
    public static ReadOnlySpan<byte> ByteOrderMark => [0xEF, 0xBB, 0xBF];

    /// <summary>How its events are written.</summary>
    public FileKind Kind { get; }

    /// <summary>Looks at how the file begins.</summary>
    /// <exception cref="ConfigurationException">It is nothing that can be read.</exception>
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
                throw new ConfigurationException($"import: {path} looks like a gzip file and can't be read: {damaged.Message}");
            }
        }

        ReadOnlySpan<byte> head = buffer.AsSpan(0, length);
        foreach ((byte[] begin, string what) in Others)
        {
            if (head.StartsWith(begin))
            {
                throw new ConfigurationException($"import: {path} {what}; give it as UTF-8 text, or that compressed with gzip");
            }
        }

        int at = head.StartsWith(ByteOrderMark) ? ByteOrderMark.Length : 0;
        if (head[..Math.Min(head.Length, 4)].Contains((byte)0))
        {
            throw new ConfigurationException($"import: {path} is no text in UTF-8: it begins with zero bytes");
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

    /// <summary>Opens the text at a place that a reader was at.</summary>
    /// <returns>Null when the text ends before that place: it is another one.</returns>
    public async Task<OpenedFile?> OpenAt(long offset, CancellationToken cancel)
    {
        offset = Math.Max(offset, _begin);
        Stream text = Open(_path, _isCompressed, out FileStream raw);
        var whole = new UpToDamage(text);
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
        // It reads on when another member follows, as when compressed files were put together.
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
            // A virtual host may stand in brackets too: [2001:db8::1]:443.
            (byte)'[' when rest.TrimStart((byte)'\n') is [] or [(byte)'{' or (byte)']' or (byte)'[' or (byte)'"' or (byte)'n', ..]
                || rest.StartsWith("\n"u8) => FileKind.JsonElements,
            (byte)'{' => rest.StartsWith("\n"u8) ? FileKind.JsonElements : FileKind.JsonLines,
            _ => FileKind.AccessLog,
        };
    }
}

/// <summary>A file that is being read.</summary>
/// <param name="Entries">Its entries.</param>
/// <param name="Raw">The file itself.</param>
/// <param name="Text">Its text.</param>
internal sealed record OpenedFile(EntryReader Entries, FileStream Raw, UpToDamage Text) : IDisposable
{
    /// <summary>How far it is read, from 0 to 1.</summary>
    public double Done => Raw.Length == 0 ? 1 : Math.Min(1, (double)Raw.Position / Raw.Length);

    /// <summary>Gives the file back.</summary>
    public void Dispose() => Entries.Dispose();
}

/// <summary>A text that ends where its compressed form is damaged, or was cut off: what comes before is good.</summary>
internal sealed class UpToDamage(Stream text) : Stream
{
    /// <summary>What is wrong with it, once it was read so far; null while nothing is.</summary>
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
