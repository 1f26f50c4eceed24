using DuckDB.NET.Data;

namespace Sessions.Columns.Files;

/// <summary>A project's file that answers questions: one connection writes, and any number read. A close waits for the readers.</summary>
internal sealed class OpenFile : IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly DuckFile _file;
    private FileState _written;
    private TaskCompletionSource? _lastReader;
    private int _readers;

    private OpenFile(DuckFile file, DuckDBConnection writing, FileState state) => (_file, Writing, State, _written) = (file, writing, state, state);

    /// <summary>The connection that writes.</summary>
    public DuckDBConnection Writing { get; }

    /// <summary>What is known of the file. It may be ahead of what the file itself knows, when its rows have not changed since.</summary>
    public FileState State { get; private set; }

    /// <summary>Opens a file. Null when it has another format.</summary>
    /// <exception cref="DuckDBException">It is damaged.</exception>
    public static OpenFile? Open(string path, DuckLimits limits)
    {
        DuckFile file = DuckFile.Open(path, limits.ForSize(new FileInfo(path).Length), isClosed: true);
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

    /// <summary>Takes the state after a catch-up, which has written it into the file or not.</summary>
    public void Advance(FileState state, bool isWritten)
    {
        State = state;
        _written = isWritten ? state : _written;
    }

    /// <summary>Writes the state into the file when it is not there.</summary>
    public void WriteState()
    {
        if (!ReferenceEquals(State, _written))
        {
            Sql.Run(Writing, "BEGIN TRANSACTION");
            State.Write(Writing);
            Sql.Run(Writing, "COMMIT");
            _written = State;
        }
    }

    /// <summary>Calls <paramref name="read"/> with new connections, in another thread. Null when the file is being closed.</summary>
    public async Task<T?> Read<T>(int connections, Func<IReadOnlyList<DuckDBConnection>, T> read)
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
                List<DuckDBConnection> opened = [];
                try
                {
                    while (opened.Count < connections)
                    {
                        opened.Add(_file.Connect());
                    }

                    return read(opened);
                }
                finally
                {
                    opened.ForEach(connection => connection.Dispose());
                }
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
        try
        {
            WriteState();
        }
        catch (DuckDBException)
        {
            // It is true of the file, but need not be in it.
        }

        Writing.Dispose();
        _file.Dispose();
    }
}
