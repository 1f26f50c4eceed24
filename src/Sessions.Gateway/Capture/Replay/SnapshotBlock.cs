using System.Buffers;
using System.IO.Compression;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Sessions.Domain.Replay;
using Sessions.Gateway.Capture.Parsing;
using Sessions.Postgres;

namespace Sessions.Gateway.Capture.Replay;

/// <summary>A snapshot as the block that is stored and the summary that its session takes.</summary>
/// <param name="Block">The block.</param>
/// <param name="Summary">The summary.</param>
internal sealed record SnapshotBlock(ReplayBlock Block, ReplaySummary Summary)
{
    // Compression is the most that a block costs. With 2 it is 7 % smaller and takes nearly twice as long.
    private const int Quality = 1;

    // Playback may hold a decoder for each of several blocks, and a decoder holds its window.
    private const int Window = 19;

    /// <summary>The bytes of a line beside window and event: <c>["</c>, <c>",</c>, <c>]</c> and its end.</summary>
    private const int LineOverhead = 6;

    /// <summary>Null when none of its events has a time that can be believed.</summary>
    /// <param name="project">The project.</param>
    /// <param name="found">A snapshot that names a person and a session.</param>
    /// <param name="json">The body.</param>
    /// <param name="skewMs">What is to be added to the client's times.</param>
    /// <param name="now">When it arrived.</param>
    public static SnapshotBlock? Of(
        string project, ScannedEvent found, ReadOnlySpan<byte> json, long skewMs, DateTimeOffset now)
    {
        ScannedReplayEvent[] events = Believed(found.Recording!.Events!, ReplayTimes.LatestMs(skewMs, now));
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

    /// <summary>In the order of their times, without those that are yet to come or far from all others.</summary>
    private static ScannedReplayEvent[] Believed(List<ScannedReplayEvent> events, long latestMs)
    {
        // Stable: what happened in one millisecond stays in the order in which it was sent.
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
            // Valid JSON has them between its tokens only.
            line.Replace((byte)'\n', (byte)' ');
            line.Replace((byte)'\r', (byte)' ');
            lines[at + line.Length] = (byte)'\n';
            at += line.Length + 1;
        }
    }

    /// <summary>The same event sent again is the same block, unless there is something else in it.</summary>
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
                : throw new InvalidOperationException("Brotli needs more than it says it may.");
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(compressed);
        }
    }
}
