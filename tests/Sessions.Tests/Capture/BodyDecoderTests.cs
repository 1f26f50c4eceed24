using System.IO.Compression;
using System.Text;
using Sessions.Capture;
using static Sessions.Tests.Capture.Bodies;

namespace Sessions.Tests.Capture;

public sealed class BodyDecoderTests
{
    private const string Json = """{"event":"ünïcode 😀 + more > base64??","distinct_id":"~~~"}""";

    public static TheoryData<string, byte[], bool, string> Encodings => new()
    {
        { "plain", Utf8(Json), false, "" },
        { "plain, with a form's content type as curl sends it", Utf8(Json), true, "" },
        { "gzip that nobody mentions (posthog-js today)", Gzip(Json), false, "" },
        { "gzip by header", Gzip(Json), false, "gzip" },
        { "gzip by query (posthog-js before)", Gzip(Json), false, "gzip-js" },
        { "gzip that a proxy has undone", Utf8(Json), false, "gzip" },
        { "gzip twice, once by a proxy", Gzip(Gzip(Json)), false, "gzip" },
        { "base64", Base64(Utf8(Json)), false, "base64" },
        { "base64 that nobody mentions", Base64(Utf8(Json)), false, "" },
        { "base64 of gzip", Base64(Gzip(Json)), false, "gzip-js" },
        { "form of base64", Form(Utf8(Json)), true, "base64" },
        { "form of base64 without a content type", Utf8("data=" + Uri.EscapeDataString(Convert.ToBase64String(Utf8(Json)))), false, "" },
        { "form of base64 whose plus became a space", Utf8("data=" + Convert.ToBase64String(Utf8(Json)).Replace('+', ' ')), true, "" },
        { "form of base64 of gzip", Form(Gzip(Json)), true, "gzip" },
        { "form of plain JSON", Utf8("data=" + Uri.EscapeDataString(Json)), true, "" },
        { "form of unescaped JSON", Utf8("compression=&data=" + Json.Replace("+", "%2b", StringComparison.Ordinal).Replace("ü", "%C3%bc", StringComparison.Ordinal)), true, "" },
    };

    [Theory]
    [MemberData(nameof(Encodings))]
    public void A_body_in_every_supported_encoding_is_decoded(
        string encoding, byte[] body, bool isForm, string compression)
    {
        Assert.NotEmpty(encoding);
        Assert.Equal(Json, Encoding.UTF8.GetString(Decode(body, isForm: isForm, compression: compression)));
    }

    public static TheoryData<string, byte[], bool, string, int> Damages => new()
    {
        { "empty", [], false, "", 400 },
        { "gzip of nothing", Gzip(""), false, "", 400 },
        { "gzip cut off in the middle", Gzip(Json)[..^20], false, "", 400 },
        { "gzip without its last byte", Gzip(Json)[..^1], false, "", 400 },
        { "gzip's header only", Gzip(Json)[..10], false, "", 400 },
        { "gzip's magic only", [0x1f, 0x8b], false, "", 400 },
        { "gzip with a flipped bit", Flipped(Gzip(Json)), false, "", 400 },
        { "base64 cut off", Base64(Utf8(Json))[..^3], false, "", 400 },
        { "form without data", Utf8("a=b&c=d"), true, "", 400 },
        { "form with empty data", Utf8("data=&c=d"), true, "", 400 },
        { "Latin-1", Encoding.Latin1.GetBytes(Json.Replace("😀", "", StringComparison.Ordinal)), false, "", 400 },
        { "UTF-16", Encoding.Unicode.GetBytes(Json), false, "", 400 },
        { "a surrogate as UTF-8", [(byte)'[', (byte)'"', 0xED, 0xA0, 0x80, (byte)'"', (byte)']'], false, "", 400 },
        { "LZ-string", Utf8("N4Ig5g9gTgLgpgG3CAXCJgCcB@"), false, "lz64", 400 },
        { "Brotli", [0x8b, 0x02, 0x80, 0x7b, 0x7d, 0x03], false, "br", 400 },
    };

    [Theory]
    [MemberData(nameof(Damages))]
    public void A_damaged_body_is_refused(string damage, byte[] body, bool isForm, string compression, int status)
    {
        Assert.NotEmpty(damage);
        var refused = Assert.Throws<CaptureRefusedException>(() => Decode(body, isForm: isForm, compression: compression));
        Assert.Equal(status, refused.Refusal.Status);
    }

    [Theory]
    [InlineData(-1, false)]
    [InlineData(0, false)]
    [InlineData(1, true)]
    public void A_body_over_the_inflated_limit_is_refused(int over, bool isRefused)
    {
        var options = new CaptureOptions { MaxInflatedBytes = 100_000 };
        byte[] body = Gzip("[" + new string(' ', options.MaxInflatedBytes + over - 2) + "]");

        Assert.Equal(isRefused ? 413 : 200, StatusOf(() => Decode(body, options)));
    }

    [Theory]
    [InlineData(-1, false)]
    [InlineData(0, false)]
    [InlineData(1, true)]
    public void A_body_over_the_received_limit_is_refused(int over, bool isRefused)
    {
        var options = new CaptureOptions { MaxBodyBytes = 100_000 };
        byte[] body = Utf8("[" + new string(' ', options.MaxBodyBytes + over - 2) + "]");

        Assert.Equal(isRefused ? 413 : 200, StatusOf(() => Decode(body, options)));
    }

    [Fact]
    public void A_gzip_bomb_of_a_gigabyte_uses_no_more_memory_than_the_limit()
    {
        byte[] bomb = Bomb.Value;
        Assert.InRange(bomb.Length, 1, 2 << 20);
        long before = GC.GetTotalMemory(forceFullCollection: true);

        Assert.Equal(413, StatusOf(() => Decode(bomb)));

        // The pool may keep the array that the limit allowed, and its smaller predecessors.
        Assert.InRange(GC.GetTotalMemory(forceFullCollection: true) - before, long.MinValue, 320L << 20);
    }

    [Fact]
    public void A_gzip_bomb_in_base64_in_a_form_uses_no_more_memory_than_the_limit() =>
        Assert.Equal(413, StatusOf(() => Decode(Form(Bomb.Value), isForm: true)));

    [Fact]
    public void A_body_gets_503_when_the_bytes_in_hand_are_over_the_limit()
    {
        var options = new CaptureOptions { MaxBytesInHand = 200_000 };

        Assert.Equal(503, StatusOf(() => Decode(Gzip(new string(' ', 1_000_000)), options)));
    }

    private static int StatusOf(Func<byte[]> decode)
    {
        try
        {
            decode();
            return 200;
        }
        catch (CaptureRefusedException refused)
        {
            return refused.Refusal.Status;
        }
    }

    /// <summary>A gigabyte of zeros in a megabyte.</summary>
    private static readonly Lazy<byte[]> Bomb = new(() =>
    {
        var zipped = new MemoryStream();
        using (var gzip = new GZipStream(zipped, CompressionLevel.Optimal))
        {
            byte[] zeros = new byte[1 << 20];
            for (int mebibytes = 0; mebibytes < 1024; mebibytes++)
            {
                gzip.Write(zeros);
            }
        }

        return zipped.ToArray();
    });

    private static byte[] Flipped(byte[] bytes)
    {
        bytes[^6] ^= 0x10;
        return bytes;
    }
}
