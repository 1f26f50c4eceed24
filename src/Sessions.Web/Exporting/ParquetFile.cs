using System.Buffers;
using System.IO.Pipelines;
using Parquet;
using Parquet.Schema;

namespace Sessions.Web.Exporting;

/// <summary>Writes rows as a Parquet file into an answer, holding only a few thousand of them in memory.</summary>
internal static class ParquetFile
{
    // What a group of rows has at most. Readers are fast with large groups, and all exports must fit into memory.
    private const int MostRows = 20_000;
    private const int MostCharacters = 8 * 1024 * 1024;

    /// <summary>Writes all rows. When it fails, the file has no end, and no reader takes it for a whole one.</summary>
    /// <param name="rows">The rows; the first one is read.</param>
    /// <param name="any">Whether there is a first one.</param>
    /// <param name="columns">The columns.</param>
    /// <param name="body">The answer.</param>
    /// <param name="cancellation">Ends the work.</param>
    public static async Task Write<TRow>(
        IAsyncEnumerator<TRow> rows, bool any, IReadOnlyList<ParquetColumn<TRow>> columns, PipeWriter body, CancellationToken cancellation)
    {
        PipeFile file = new(body);
        ParquetSchema schema = new(columns.Select(column => column.Field));
        ParquetWriter writer = await ParquetWriter.CreateAsync(schema, file, cancellationToken: cancellation);
        while (any)
        {
            int count = 0;
            for (int characters = 0; any && count < MostRows && characters < MostCharacters; any = await rows.MoveNextAsync())
            {
                characters += columns.Sum(column => column.Add(rows.Current));
                count++;
            }

            using ParquetRowGroupWriter group = writer.CreateRowGroup();
            foreach (ParquetColumn<TRow> column in columns)
            {
                await column.Write(group, cancellation);
                // Waits for a slow client, so that no data accumulates in memory.
                await body.FlushAsync(cancellation);
            }
        }

        // Writes the end of the file.
        await writer.DisposeAsync();
        await body.FlushAsync(cancellation);
    }
}

/// <summary>A stream into a pipe. Servers allow no synchronous writes into an answer, but into its buffer.</summary>
internal sealed class PipeFile(PipeWriter pipe) : Stream
{
    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override void Flush()
    {
        // The export that writes rows flushes the pipe.
    }

    public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Write(ReadOnlySpan<byte> buffer) => pipe.Write(buffer);

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
    {
        Write(buffer.AsSpan(offset, count));
        return Task.CompletedTask;
    }

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        Write(buffer.Span);
        return ValueTask.CompletedTask;
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();
}
