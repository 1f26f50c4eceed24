using System.IO.Compression;
using System.Text;
using Microsoft.Extensions.Options;
using Sessions.Capture;
using Sessions.Capture.Body;
using Sessions.Capture.Parsing;
using Sessions.Capture.Places;
using Sessions.Domain.Time;

namespace Sessions.Tests.Capture;

/// <summary>Bodies as SDKs make them, and what the gateway makes of them.</summary>
internal static class Bodies
{
    public const string Token = "phc_good";
    public const string Project = "shop";

    public static readonly DateTimeOffset Now = new(2026, 3, 4, 12, 0, 0, TimeSpan.Zero);

    /// <summary>A gateway that knows one token.</summary>
    public static ITokenDirectory Tokens { get; } = new KnownTokens((Token, Project));

    /// <summary>A gateway without a file of countries.</summary>
    public static GeoIp NoPlaces { get; } = new(Options.Create(new GeoIpOptions()));

    public static byte[] Utf8(string text) => Encoding.UTF8.GetBytes(text);

    public static byte[] Gzip(string text) => Gzip(Utf8(text));

    public static byte[] Gzip(byte[] bytes)
    {
        var zipped = new MemoryStream();
        using (var gzip = new GZipStream(zipped, CompressionLevel.Fastest))
        {
            gzip.Write(bytes);
        }

        return zipped.ToArray();
    }

    public static byte[] Base64(byte[] bytes) => Encoding.ASCII.GetBytes(Convert.ToBase64String(bytes));

    /// <summary>A form whose field <c>data</c> is base64.</summary>
    public static byte[] Form(byte[] bytes) =>
        Utf8($"ver=1.2.3&data={Uri.EscapeDataString(Convert.ToBase64String(bytes))}&compression=base64");

    public static CaptureVerdict Parse(string json, CaptureOptions? options = null, long? querySentAtMs = null) =>
        Parse(Utf8(json), options, querySentAtMs);

    public static CaptureVerdict Parse(byte[] json, CaptureOptions? options = null, long? querySentAtMs = null) =>
        new CaptureParser(options ?? new CaptureOptions(), Tokens, NoPlaces)
            .Parse(json, SentAt.FromQuery(querySentAtMs?.ToString(provider: null)), Now);

    /// <summary>Decodes a body, and gives back what that cost.</summary>
    public static byte[] Decode(byte[] received, CaptureOptions? options = null, bool isForm = false, params string[] compression)
    {
        options ??= new CaptureOptions();
        var budget = new BodyBudget(options);
        try
        {
            using var share = new BodyShare(budget);
            var body = new PooledBytes(share, options.MaxBodyBytes, "as received", received.Length);
            foreach (byte[] chunk in received.Chunk(1000))
            {
                for (int sent = 0; sent < chunk.Length;)
                {
                    Span<byte> room = body.Room().Span;
                    int count = Math.Min(room.Length, chunk.Length - sent);
                    chunk.AsSpan(sent, count).CopyTo(room);
                    body.Advance(count);
                    sent += count;
                }
            }

            using PooledBytes decoded = new BodyDecoder(options).Decode(body, share, new BodyHints(isForm, compression));
            return decoded.Written.ToArray();
        }
        finally
        {
            Assert.Equal(0, budget.InHand);
        }
    }

    public static CaptureVerdict.Taken Taken(CaptureVerdict verdict) => Assert.IsType<CaptureVerdict.Taken>(verdict);

    /// <summary>The only event of a body.</summary>
    public static SessionEvent One(CaptureVerdict verdict) => Assert.Single(Taken(verdict).Events).Event;

    public static string Json(SessionEvent captured) => Encoding.UTF8.GetString(captured.Properties.Span);

    /// <summary><c>index reason</c> of each dropped event.</summary>
    public static string Dropped(CaptureVerdict verdict) =>
        string.Join(", ", (verdict switch
        {
            CaptureVerdict.Taken taken => taken.Dropped,
            CaptureVerdict.Refused refused => refused.Dropped,
            _ => [],
        }).Select(note => $"{note.Index} {note.Reason}"));

    public static int Status(CaptureVerdict verdict) =>
        verdict is CaptureVerdict.Refused refused ? refused.Refusal.Status : 200;
}

/// <summary>The tokens that a test's gateway knows; with none it has not read them yet.</summary>
internal sealed class KnownTokens(params (string Token, string Project)[] known) : ITokenDirectory
{
    public string? FindByToken(string token) => known.Length > 0
        ? known.FirstOrDefault(one => one.Token == token).Project
        : throw new SessionsUnavailableException();

    public Task LookUp(IReadOnlyCollection<string> tokens) => Task.CompletedTask;
}
