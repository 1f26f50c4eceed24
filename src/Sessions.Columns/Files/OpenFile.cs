using DuckDB.NET.Data;

namespace Sessions.Columns.Files;

/// <summary>A project's file that answers questions: one connection writes, and any number read. A close waits for the readers.</summary>
internal sealed class OpenFile : IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly DuckFile _file;
    private TaskCompletionSource? _lastReader;
    private int _readers;

    private OpenFile(DuckFile file, DuckDBConnection writing, FileState state) => (_file, Writing, State) = (file, writing, state);

    /// <summary>The connection that writes.</summary>
    public DuckDBConnection Writing { get; }

    /// <summary>What the file knows of itself.</summary>
    public FileState State { get; set; }

    /// <summary>Opens a file. Null when it has another format.</summary>
    /// <exception cref="DuckDBException">It is damaged.</exception>
    public static OpenFile? Open(string path, DuckLimits limits)
    {
        DuckFile file = DuckFile.Open(path, limits, isClosed: true);
        DuckDBConnection? writing = null;
        try
        {
            writing = file.Connect();
            if (FileState.Read(writing) is { } state)
            {
                return new OpenFile(file, writing, state);
            }
        }
        catch
        {
            writing?.Dispose();
            file.Dispose();
            throw;
        }

        writing.Dispose();
        file.Dispose();
        return null;
    }

    /// <summary>Calls <paramref name="read"/> with a new connection, in another thread. Null when the file is being closed.</summary>
    public async Task<T?> Read<T>(Func<DuckDBConnection, T> read)
        where T : class
    {
        lock (_gate)
        {
            if (_lastReader is not null)
            {
                return null;
            }

            _readers++;
        }

        try
        {
            return await Task.Run(() =>
            {
                using DuckDBConnection connection = _file.Connect();
                return read(connection);
            });
        }
        finally
        {
            lock (_gate)
            {
                if (--_readers == 0)
                {
                    _lastReader?.TrySetResult();
                }
            }
        }
    }

    /// <summary>Waits for the readers and closes the file.</summary>
    public async ValueTask DisposeAsync()
    {
        Task readers;
        lock (_gate)
        {
            _lastReader ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            readers = _readers == 0 ? Task.CompletedTask : _lastReader.Task;
        }

        await readers;
        Writing.Dispose();
        _file.Dispose();
    }
}
