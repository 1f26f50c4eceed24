using DuckDB.NET.Data;
using Microsoft.Extensions.Logging;
using Sessions.Columns.Asking;
using Sessions.Columns.Files;
using Sessions.Columns.Filling;
using Sessions.Database;

namespace Sessions.Columns.Serving;

/// <summary>
/// One project's file: opened, brought up to date, written anew, and closed. While it can't answer, Postgres does.
/// </summary>
internal sealed partial class ProjectColumns(
    string project, string path, Holder holder, Source source, FileWriter writer, ColumnsOptions options, TimeProvider time, ILogger log)
    : IAsyncDisposable
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(5);

    private readonly SemaphoreSlim _work = new(1, 1);
    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _closing = new();
    private Task<bool> _running = Task.FromResult(false);
    private Task<bool>? _next;
    private Task _building = Task.CompletedTask;
    private TaskCompletionSource? _lastReader;
    private DuckFile? _file;
    private DuckDBConnection? _writing;
    private FileState? _state;
    private int _readers;
    private int _failures;
    private long _mayBuildAt = time.GetTimestamp();

    /// <summary>The project.</summary>
    public string Project => project;

    /// <summary>When a question was last asked.</summary>
    public long AskedAt { get; private set; } = time.GetTimestamp();

    /// <summary>The events that the current build has copied; null when there is no build.</summary>
    public long? Built { get; private set; }

    /// <summary>What the file knows of itself; null when it is not open.</summary>
    public FileState? State => _state;

    /// <summary>Completes when the current build has ended.</summary>
    public Task Building => _building;

    /// <summary>
    /// Answers statements from one state that has everything that was committed before the call; null when Postgres must
    /// answer.
    /// </summary>
    public async Task<IReadOnlyList<ColumnsAnswer>?> Read(
        IReadOnlyList<ColumnsStatement> statements, ColumnsLimits limits, StatementRunner runner, CancellationToken cancellation)
    {
        long asked = time.GetTimestamp();
        AskedAt = asked;
        TimeSpan patience = TimeSpan.FromSeconds(options.PatienceSeconds);
        try
        {
            if (!await CatchUpFromNow().WaitAsync(patience < limits.Time ? patience : limits.Time, time, cancellation))
            {
                return null;
            }
        }
        catch (TimeoutException)
        {
            // There is much to read. It goes on for the next question.
            return null;
        }

        DuckFile file;
        lock (_gate)
        {
            if (_file is null || _lastReader is not null)
            {
                return null;
            }

            file = _file;
            _readers++;
        }

        try
        {
            return await Task.Run(
                () =>
                {
                    using DuckDBConnection connection = file.Connect();
                    return runner.Run(connection, statements, limits.Time - time.GetElapsedTime(asked), limits.Rows, cancellation);
                },
                CancellationToken.None);
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

    /// <summary>
    /// Brings the file up to a state that is not older than the call. One catch-up serves all who call before it begins.
    /// Returns false when the file can't answer.
    /// </summary>
    public Task<bool> CatchUpFromNow()
    {
        lock (_gate)
        {
            if (_next is { } waiting)
            {
                return waiting;
            }

            if (_running.IsCompleted)
            {
                return _running = Task.Run(TryCatchUp);
            }

            Task<bool> before = _running;
            return _next = Task.Run(async () =>
            {
                await before;
                lock (_gate)
                {
                    (_running, _next) = (_next!, null);
                }

                return await TryCatchUp();
            });
        }
    }

    /// <summary>
    /// Writes the file anew when something of it was deleted, or when many of its rows were replaced. Returns whether it did.
    /// </summary>
    /// <param name="mustBeClean">Whether a deletion waits for it.</param>
    public async Task<bool> Rewrite(bool mustBeClean)
    {
        if (!await CatchUpFromNow())
        {
            return false;
        }

        await _work.WaitAsync(_closing.Token);
        try
        {
            if (_state is not { } state || _file is null || !(mustBeClean || state.NeedsRewrite))
            {
                return false;
            }

            long began = time.GetTimestamp();
            await Close();
            await Task.Run(() => FileBuilder.Rewrite(path, writer.Limits));
            Replace();
            Open();
            await holder.SayClean(project, state.Holder, _state!.CleanFrom, _closing.Token);
            LogRewritten(project, (long)time.GetElapsedTime(began).TotalMilliseconds);
            return true;
        }
        catch (Exception failure) when (failure is DuckDBException or IOException)
        {
            LogRewriteFailed(project, failure.Message);
            await Discard();
            return false;
        }
        finally
        {
            _work.Release();
        }
    }

    /// <summary>Closes the file and deletes it.</summary>
    public async Task Delete()
    {
        await _closing.CancelAsync();
        await Ended(_building);
        await _work.WaitAsync();
        try
        {
            await Discard();
        }
        finally
        {
            _work.Release();
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _closing.CancelAsync();
        await Ended(_building);
        await Ended(_running);
        await _work.WaitAsync();
        await Close();
        _closing.Dispose();
        _work.Dispose();
    }

    private static async Task Ended(Task task)
    {
        try
        {
            await task;
        }
        catch (Exception failure) when (failure is not OutOfMemoryException)
        {
            // It has been logged, or it was cancelled.
        }
    }

    private async Task<bool> TryCatchUp()
    {
        try
        {
            await _work.WaitAsync(_closing.Token);
        }
        catch (Exception closed) when (closed is OperationCanceledException or ObjectDisposedException)
        {
            return false;
        }

        try
        {
            return await CatchUp();
        }
        catch (Exception away) when (PostgresAway.Is(away) || _closing.IsCancellationRequested)
        {
            return false;
        }
        catch (Exception failure) when (failure is not OutOfMemoryException)
        {
            // A damaged file, a full disk, or a fault of ours: the file is a cache, so it goes.
            LogFailed(project, failure.Message, failure is DuckDBException or IOException ? null : failure);
            await Discard();
            BeginToBuild("it could not be used");
            return false;
        }
        finally
        {
            _work.Release();
        }
    }

    private async Task<bool> CatchUp()
    {
        if (holder.Id is not { } id)
        {
            return false;
        }

        if (_file is null && !TryOpen())
        {
            BeginToBuild("there is none");
            return false;
        }

        await using SourceSnapshot? snapshot = await source.Take(project, id, _closing.Token);
        if (snapshot is null)
        {
            await Discard();
            await holder.RemoveCopy(project, id, _closing.Token);
            return false;
        }

        string? obstacle = Filling.CatchUp.Obstacle(_state!, snapshot.Mark, id);
        if (obstacle is null)
        {
            if (await new CatchUp(_writing!, snapshot, _state!, options).Run(_closing.Token) is { } state)
            {
                _state = state;
                return true;
            }

            obstacle = "there is too much to bring it up to date";
        }

        await Discard();
        BeginToBuild(obstacle);
        return false;
    }

    /// <summary>Opens the file if it is there and has this version's format.</summary>
    private bool TryOpen()
    {
        if (!File.Exists(path))
        {
            return false;
        }

        try
        {
            Open();
            if (_state is not null)
            {
                return true;
            }
        }
        catch (DuckDBException damaged)
        {
            LogFailed(project, damaged.Message, null);
        }

        _writing?.Dispose();
        _file?.Dispose();
        (_file, _writing, _state) = (null, null, null);
        DuckFile.Delete(path);
        return false;
    }

    private void Open()
    {
        DuckFile file = DuckFile.Open(path, writer.Limits, isClosed: true);
        DuckDBConnection writing = file.Connect();
        (_writing, _state) = (writing, FileState.Read(writing));
        lock (_gate)
        {
            (_file, _lastReader) = (file, null);
        }
    }

    /// <summary>Waits for the questions in hand, and closes the file.</summary>
    private async Task Close()
    {
        Task readers;
        lock (_gate)
        {
            _lastReader = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            readers = _readers == 0 ? Task.CompletedTask : _lastReader.Task;
        }

        await readers;
        _writing?.Dispose();
        _file?.Dispose();
        lock (_gate)
        {
            (_file, _writing, _state) = (null, null, null);
        }
    }

    private async Task Discard()
    {
        await Close();
        DuckFile.Delete(path);
    }

    /// <summary>Puts the new file in the place of the old one.</summary>
    private void Replace()
    {
        // First what belongs to the old file, or DuckDB would add it to the new one.
        File.Delete(path + ".wal");
        string temporary = DuckFile.TemporaryOf(path);
        if (Directory.Exists(temporary))
        {
            Directory.Delete(temporary, recursive: true);
        }

        File.Move(FileBuilder.NewPath(path), path, overwrite: true);
        DuckFile.Delete(FileBuilder.NewPath(path));
    }

    /// <summary>Begins to write the file in the background, unless that is being done, or has just failed.</summary>
    private void BeginToBuild(string reason)
    {
        if (_building.IsCompleted && time.GetElapsedTime(_mayBuildAt) >= TimeSpan.Zero && !_closing.IsCancellationRequested)
        {
            _building = Task.Run(() => Build(reason));
        }
    }

    private async Task Build(string reason)
    {
        long began = time.GetTimestamp();
        try
        {
            LogBuilding(project, reason);
            Built = 0;
            long events = await writer.Write(project, path, copied => Built = copied, _closing.Token);
            await _work.WaitAsync(_closing.Token);
            try
            {
                await Close();
                Replace();
                Open();
            }
            finally
            {
                _work.Release();
            }

            await holder.SayClean(project, _state!.Holder, _state.CleanFrom, _closing.Token);
            _failures = 0;
            LogBuilt(project, events, new FileInfo(path).Length / 1_000_000, (long)time.GetElapsedTime(began).TotalMilliseconds);
        }
        catch (OperationCanceledException) when (_closing.IsCancellationRequested)
        {
            // The process stops, or the project is deleted.
        }
        catch (Exception failure) when (failure is not OutOfMemoryException)
        {
            double pause = Math.Min(FirstPause.TotalSeconds * Math.Pow(2, _failures++), LongestPause.TotalSeconds);
            _mayBuildAt = time.GetTimestamp() + (long)(pause * time.TimestampFrequency);
            LogBuildFailed(project, failure.Message, (long)pause, failure is DuckDBException or IOException || PostgresAway.Is(failure) ? null : failure);
        }
        finally
        {
            Built = null;
        }
    }

    [LoggerMessage(9001, LogLevel.Information, "The columns of project {Project} are written from Postgres: {Reason}. Until then Postgres answers its questions, more slowly.")]
    private partial void LogBuilding(string project, string reason);

    [LoggerMessage(9002, LogLevel.Information, "The columns of project {Project} are written: {Events} events, {Megabytes} MB, in {Milliseconds} ms.")]
    private partial void LogBuilt(string project, long events, long megabytes, long milliseconds);

    [LoggerMessage(9003, LogLevel.Warning, "The columns of project {Project} can't be written now ({Reason}). The process tries again in {Seconds} s, and Postgres "
        + "answers until then. Check the disk of Columns:Directory, and that Postgres runs.")]
    private partial void LogBuildFailed(string project, string reason, long seconds, Exception? fault);

    [LoggerMessage(9004, LogLevel.Warning, "The columns of project {Project} could not be used and are removed ({Reason}). They are written again from Postgres, which "
        + "answers until then. If this goes on, check the disk of Columns:Directory.")]
    private partial void LogFailed(string project, string reason, Exception? fault);

    [LoggerMessage(9005, LogLevel.Information, "The columns of project {Project} were written anew without what was deleted, in {Milliseconds} ms.")]
    private partial void LogRewritten(string project, long milliseconds);

    [LoggerMessage(9006, LogLevel.Warning, "The columns of project {Project} can't be written anew without what was deleted ({Reason}), and are removed. They are written "
        + "again from Postgres, which answers until then. Check the disk of Columns:Directory.")]
    private partial void LogRewriteFailed(string project, string reason);
}
