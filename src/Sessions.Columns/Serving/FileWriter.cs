using Sessions.Columns.Files;
using Sessions.Columns.Filling;

namespace Sessions.Columns.Serving;

/// <summary>Writes projects' files from Postgres, one after the other.</summary>
internal sealed class FileWriter(Source source, Holder holder, ColumnsOptions options) : IDisposable
{
    private readonly SemaphoreSlim _turn = new(1, 1);

    /// <summary>What the instance of one project may take.</summary>
    public DuckLimits Limits { get; } =
        new(Math.Max(64, options.MemoryMegabytes / options.MaxOpen), options.Threads, options.TemporaryMegabytes);

    /// <summary>Writes a project's file beside its place. Returns the number of its events.</summary>
    /// <exception cref="IOException">The file is larger than the options allow, or the disk is full.</exception>
    public async Task<long> Write(string project, string path, Action<long> progress, CancellationToken cancellation)
    {
        await _turn.WaitAsync(cancellation);
        try
        {
            // It may have been forgotten.
            await holder.KeepAlive(cancellation);
            Guid id = holder.Id ?? throw new InvalidOperationException("The holder is not registered.");
            // Before the snapshot: a deletion that is not in it waits for the file.
            await holder.AddCopy(project, id, cancellation);
            await using SourceSnapshot snapshot = await source.Take(project, id, cancellation)
                ?? throw new IOException("The project is gone.");
            long events = await FileBuilder.Build(snapshot, path, id, Limits, options.PropertyColumns, progress, cancellation);
            return new FileInfo(FileBuilder.NewPath(path)).Length / 1_000_000 <= options.MaxFileMegabytes
                ? events
                : throw new IOException($"it would be larger than Columns:MaxFileMegabytes ({options.MaxFileMegabytes})");
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _turn.Dispose();
}
