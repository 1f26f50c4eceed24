using System.Buffers;
using System.IO.Compression;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Sessions.Capture.Parsing;
using Sessions.Domain.Replay;

namespace Sessions.Capture.Replay;

/// <summary>A snapshot, split into the block that is stored and the summary that its session gets.</summary>
/// <param name="Block">The block.</param>
/// <param name="Summary">The summary.</param>
internal sealed record SnapshotBlock(ReplayBlock Block, ReplaySummary Summary)
{
    // Quality 1 makes a block 13 % smaller and takes half as long again, quality 2 takes more than three times as long.
    private const int Quality = 0;

    // Playback may hold a decoder for each of several blocks, and each decoder holds its window in memory. A larger window also
    // takes the encoder longer.
    private const int Window = 18;

    /// <summary>The bytes of a line beside window and event: <c>["</c>, <c>",</c>, <c>]</c> and its end.</summary>
    private const int LineOverhead = 6;

    /// <summary>Creates the block. Null when none of its events has a plausible time.</summary>
    /// <param name="project">The project.</param>
    /// <param name="found">A snapshot that names a person and a session.</param>
    /// <param name="json">The body.</param>
    /// <param name="skewMs">The correction that is added to the client's times.</param>
    /// <param name="now">When it arrived.</param>
    public static SnapshotBlock? Of(
        string project, ScannedEvent found, ReadOnlySpan<byte> json, long skewMs, DateTimeOffset now)
    {
        ScannedReplayEvent[] events = Plausible(found.Recording!.Events!, ReplayTimes.LatestMs(skewMs, now));
        if (events.Length == 0)
        {
            return null;
        }

        Guid session = found.Properties.SessionId!.Value;
        string window = found.Properties.WindowId ?? session.ToString();
        string device = UserDeviceKey.DeviceOf(found.Person!, found.Properties.DeviceId);
        int size = events.Sum(one => one.Json.Length + 1);
        byte[] lines = ArrayPool<byte>.Shared.Rent(size);
        try
        {
            Write(events, json, lines);
            ReadOnlySpan<byte> plain = lines.AsSpan(0, size);
            DateOnly born = DateOnly.FromDateTime(now.UtcDateTime);
            Guid id = IdOf(found.Id, device, window, plain);
            int windowBytes = JsonEncodedText.Encode(window).EncodedUtf8Bytes.Length;
            ReplaySummary summary = ReplaySummary.Of(
                id,
                born,
                skewMs,
                Array.ConvertAll(events, one => one.Facts),
                size - events.Length + ((long)events.Length * (LineOverhead + windowBytes))) with
            {
                Source = found.Recording.Source ?? "web",
                Library = found.Recording.Library,
            };
            var block = new ReplayBlock(
                SessionKey.Create(project, session), id, born, window, size, Compress(plain));
            return new SnapshotBlock(block, summary);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(lines);
        }
    }

    /// <summary>Orders events by time, without those in the future and those far from all others.</summary>
    private static ScannedReplayEvent[] Plausible(List<ScannedReplayEvent> events, long latestMs)
    {
        // Stable: events of the same millisecond stay in the order in which they were sent.
        ScannedReplayEvent[] sorted = [.. events.Where(one => one.Facts.TimeMs <= latestMs).OrderBy(one => one.Facts.TimeMs)];
        if (sorted.Length == 0)
        {
            return [];
        }

        long middle = sorted[sorted.Length / 2].Facts.TimeMs;
        return Array.FindAll(sorted, one => ReplayTimes.IsNear(one.Facts.TimeMs, middle));
    }

    private static void Write(ScannedReplayEvent[] events, ReadOnlySpan<byte> json, Span<byte> lines)
    {
        int at = 0;
        foreach (ScannedReplayEvent one in events)
        {
            Span<byte> line = lines.Slice(at, one.Json.Length);
            one.Json.Of(json).CopyTo(line);
            // Valid JSON has line breaks only between its tokens.
            line.Replace((byte)'\n', (byte)' ');
            line.Replace((byte)'\r', (byte)' ');
            lines[at + line.Length] = (byte)'\n';
            at += line.Length + 1;
        }
    }

    /// <summary>
    /// The id of a block. The same event sent again gives the same block, unless its content differs.
    /// </summary>
    private static Guid IdOf(Guid? eventId, string device, string window, ReadOnlySpan<byte> plain)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData((eventId ?? Guid.Empty).ToByteArray());
        hash.AppendData(Encoding.UTF8.GetBytes(device));
        hash.AppendData([0]);
        hash.AppendData(Encoding.UTF8.GetBytes(window));
        hash.AppendData([0]);
        hash.AppendData(plain);
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        hash.GetHashAndReset(digest);
        return MemoryMarshal.Read<Guid>(digest);
    }

    private static byte[] Compress(ReadOnlySpan<byte> plain)
    {
        byte[] compressed = ArrayPool<byte>.Shared.Rent(BrotliEncoder.GetMaxCompressedLength(plain.Length));
        try
        {
            return BrotliEncoder.TryCompress(plain, compressed, out int written, Quality, Window)
                ? compressed.AsSpan(0, written).ToArray()
                : throw new InvalidOperationException("Brotli needed more bytes than its stated maximum.");
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(compressed);
        }
    }
}
