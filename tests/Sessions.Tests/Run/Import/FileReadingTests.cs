using System.IO.Compression;
using System.Text;
using Sessions.Host.Configuration;
using Sessions.Run.Import;

namespace Sessions.Tests.Run.Import;

/// <summary>
/// A file is read by its bytes: with a byte order mark, compressed with gzip under any name and in several parts, or as
/// a JSON array in any layout. Reading can resume at the offset of any entry.
/// </summary>
public sealed class FileReadingTests : IDisposable
{
    private readonly string _path = Path.GetTempFileName();

    public void Dispose() => File.Delete(_path);

    [Fact]
    public async Task Each_line_has_its_offset_in_the_file()
    {
        List<string> read = await Entries("eins\r\nzw\u00F6lf\n\nlast"u8.ToArray());

        Assert.Equal(["0 eins", "6 zw\u00F6lf", "13 ", "14 last Cut"], read);
    }

    [Theory]
    [InlineData("{\"a\":1}\n{\"b\":2}\n")]
    [InlineData("203.0.113.7 - -\n203.0.113.8 - -\n")]
    [InlineData("[{\"a\":1},\n{\"b\":2}]")]
    public async Task A_byte_order_mark_is_not_part_of_an_entry(string text)
    {
        List<string> plain = await Entries(Encoding.UTF8.GetBytes(text));
        List<string> marked = await Entries([0xEF, 0xBB, 0xBF, .. Encoding.UTF8.GetBytes(text)]);

        Assert.Equal(2, plain.Count);
        Assert.Equal(plain.Select(WithoutPlace), marked.Select(WithoutPlace));
        Assert.Equal(marked, await Entries(Zip([0xEF, 0xBB, 0xBF, .. Encoding.UTF8.GetBytes(text)])));
    }

    [Fact]
    public async Task Each_of_several_concatenated_files_may_begin_with_a_byte_order_mark()
    {
        byte[] one = [0xEF, 0xBB, 0xBF, .. "{\"a\":1}\n"u8];

        Assert.Equal(["3 {\"a\":1}", "11 {\"a\":1}"], await Entries([.. one, .. one]));
        Assert.Equal(["3 {\"a\":1}", "11 {\"a\":1}"], await Entries([.. Zip(one), .. Zip(one)]));
    }

    [Fact]
    public async Task Entries_of_a_compressed_file_have_their_offsets_in_the_uncompressed_text()
    {
        byte[] text = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(0, 50_000).Select(n => $"{{\"n\":{n}}}\n")));
        List<string> plain = await Entries(text);

        Assert.Equal(plain, await Entries([.. Zip(text[..400_000]), .. Zip(text[400_000..])]));
        long middle = long.Parse(plain[30_000].Split(' ')[0], null);
        await File.WriteAllBytesAsync(_path, Zip(text));
        Assert.Equal(plain[30_000..], await Entries(from: middle));
        Assert.Null(await ImportFile.LookAt(_path).OpenAt(text.Length + 1, CancellationToken.None));
    }

    [Fact]
    public async Task A_truncated_compressed_file_is_read_up_to_the_truncation()
    {
        byte[] text = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(0, 50_000).Select(n => $"{{\"n\":{n}}}\n")));
        await File.WriteAllBytesAsync(_path, Zip(text)[..^2_000]);

        using OpenedFile file = (await ImportFile.LookAt(_path).OpenAt(0, CancellationToken.None))!;
        int entries = 0;
        while (await file.Entries.Read(CancellationToken.None) is not null)
        {
            entries++;
        }

        Assert.InRange(entries, 1_000, 49_999);
    }

    [Theory]
    [InlineData("""[{"a":1},{"b":[2,"]"]}]""", """{"a":1}|{"b":[2,"]"]}""")]
    [InlineData("""[ ]""", "")]
    [InlineData("[\n  {\n    \"a\": {\n      \"b\": \"}\\\"{\"\n    }\n  },\n  {\n    \"c\": 3\n  }\n]\n", "{\n    \"a\": {\n      \"b\": \"}\\\"{\"\n    }\n  }|{\n    \"c\": 3\n  }")]
    [InlineData("""[{"a":1}, 7, null, "x,]", [2], {"b":2}]""", """{"a":1}|7|null|"x,]"|2|{"b":2}""")]
    [InlineData("[{\"a\":1}]\n[{\"b\":2}]\n", """{"a":1}|{"b":2}""")]
    [InlineData("{\n  \"a\": 1\n}\n{\n  \"b\": 2\n}\n", "{\n  \"a\": 1\n}|{\n  \"b\": 2\n}")]
    [InlineData("[\n{\"a\":1},\n{\"b\":\"no end},\n{\"c\":3}\n]", """{"a":1}|Broken|{"c":3}""")]
    [InlineData("[\n  {\n    \"b\": \"no end,\n    \"x\": {\n    }\n  },\n  {\"c\":3}\n]", """Broken|{"c":3}""")]
    [InlineData("[{\"a\":1},{\"b\":", """{"a":1}|Cut""")]
    [InlineData("[{\"a\":1},12", """{"a":1}|12""")]
    [InlineData("[{\"a\":1}},{\"b\":2}]", """{"a":1}|}|{"b":2}""")]
    public async Task An_array_is_read_element_by_element(string text, string expected)
    {
        List<string> read = await Entries(Encoding.UTF8.GetBytes(text));

        Assert.Equal(expected, string.Join('|', read.Select(entry => WithoutPlace(entry) is { } found && found.EndsWith("Cut", StringComparison.Ordinal)
            ? "Cut"
            : WithoutPlace(entry).Trim())));
        Assert.Equal(FileKind.JsonElements, ImportFile.LookAt(_path).Kind);
        // From any place between two elements on it goes on as it would have.
        for (int n = 1; n < read.Count; n++)
        {
            Assert.Equal(read[n..], await Entries(from: long.Parse(read[n].Split(' ')[0], null)));
        }
    }

    [Fact]
    public async Task A_too_long_array_element_is_skipped_and_the_others_are_read()
    {
        List<string> read = await Entries(Encoding.UTF8.GetBytes($"[{{\"a\":\"{new string('x', 5 << 20)}\"}},{{\"b\":2}}]"));

        Assert.Equal([" TooLong", "{\"b\":2}"], read.Select(WithoutPlace));
    }

    [Theory]
    [InlineData("is UTF-16", new byte[] { 0xFF, 0xFE, (byte)'{', 0 })]
    [InlineData("is UTF-16", new byte[] { 0xFE, 0xFF, 0, (byte)'{' })]
    [InlineData("is not UTF-8 text", new byte[] { (byte)'{', 0, (byte)'"', 0 })]
    [InlineData("is compressed with zstd", new byte[] { 0x28, 0xB5, 0x2F, 0xFD, 1 })]
    [InlineData("is a zip archive", new byte[] { (byte)'P', (byte)'K', 3, 4, 5 })]
    [InlineData("looks like a gzip file, but can't be read", new byte[] { 0x1F, 0x8B, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9 })]
    public void An_unreadable_file_gives_an_error_of_one_line(string said, byte[] bytes)
    {
        File.WriteAllBytes(_path, bytes);

        ConfigurationException refused = Assert.Throws<ConfigurationException>(() => ImportFile.LookAt(_path));
        Assert.Contains(said, refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', refused.Message);
    }

    [Fact]
    public void A_csv_export_is_refused_with_a_hint_to_the_json_format()
    {
        File.WriteAllText(_path, "session_id,event_id,timestamp\n");

        Assert.Contains("format=ndjson", Assert.Throws<ConfigurationException>(() => ImportFile.LookAt(_path)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "JsonLines")]
    [InlineData("\n \n{\"a\":1}", "JsonLines")]
    [InlineData("203.0.113.7 - -", "AccessLog")]
    [InlineData("[2001:db8::1]:443 203.0.113.7 - -", "AccessLog")]
    [InlineData(" [\n\n{", "JsonElements")]
    public void The_format_of_a_file_is_recognized_by_its_beginning(string text, string kind)
    {
        File.WriteAllText(_path, text);

        Assert.Equal(kind, ImportFile.LookAt(_path).Kind.ToString());
    }

    private static string WithoutPlace(string entry) => entry[(entry.IndexOf(' ', StringComparison.Ordinal) + 1)..];

    private static byte[] Zip(byte[] text)
    {
        using var zipped = new MemoryStream();
        using (var gzip = new GZipStream(zipped, CompressionLevel.Optimal))
        {
            gzip.Write(text);
        }

        return zipped.ToArray();
    }

    private async Task<List<string>> Entries(byte[] bytes)
    {
        await File.WriteAllBytesAsync(_path, bytes);
        return await Entries(from: 0);
    }

    private async Task<List<string>> Entries(long from)
    {
        using OpenedFile file = (await ImportFile.LookAt(_path).OpenAt(from, CancellationToken.None))!;
        List<string> read = [];
        while (await file.Entries.Read(CancellationToken.None) is { } entry)
        {
            string fault = entry.Fault == EntryFault.None ? "" : entry.Fault == EntryFault.Broken ? "Broken" : $" {entry.Fault}";
            read.Add($"{entry.Offset} {Encoding.UTF8.GetString(entry.Text.Span)}{fault}");
        }

        return read;
    }
}
