using System.Buffers;
using System.IO.Pipelines;

namespace Sessions.Silo.Replay.Clicks;

/// <summary>Takes a line of a block.</summary>
internal delegate void TakeLine(ReadOnlySpan<byte> line);

/// <summary>Reads the events of a block one after the other: each is a line of JSON.</summary>
internal static class BlockLines
{
    private const int ReadBytes = 64 << 10;

    /// <summary>Reads all lines. It holds the longest of them in memory.</summary>
    public static async Task Read(Stream plain, TakeLine take, CancellationToken cancellation)
    {
        PipeReader lines = PipeReader.Create(plain, new StreamPipeReaderOptions(bufferSize: ReadBytes, leaveOpen: true));
        try
        {
            for (bool isOver = false; !isOver;)
            {
                ReadResult read = await lines.ReadAsync(cancellation);
                ReadOnlySequence<byte> rest = read.Buffer;
                while (rest.PositionOf((byte)'\n') is { } end)
                {
                    Take(rest.Slice(0, end), take);
                    rest = rest.Slice(rest.GetPosition(1, end));
                }

                isOver = read.IsCompleted;
                lines.AdvanceTo(rest.Start, rest.End);
            }
        }
        finally
        {
            await lines.CompleteAsync();
        }
    }

    private static void Take(ReadOnlySequence<byte> line, TakeLine take)
    {
        if (line.IsSingleSegment)
        {
            take(line.FirstSpan);
            return;
        }

        byte[] together = ArrayPool<byte>.Shared.Rent((int)line.Length);
        try
        {
            line.CopyTo(together);
            take(together.AsSpan(0, (int)line.Length));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(together);
        }
    }
}
