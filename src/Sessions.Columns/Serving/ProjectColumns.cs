using DuckDB.NET.Data;
using Microsoft.Extensions.Logging;
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
    private static readonly TimeSpan SayEvery = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(5);

    private static readonly TimeSpan SaveEvery = TimeSpan.FromMinutes(1);

    private readonly SemaphoreSlim _work = new(1, 1);
    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _closing = new();
    private Task<bool> _running = Task.FromResult(false);
    private Task<bool>? _next;
    private Task _building = Task.CompletedTask;
    private OpenFile? _file;
    private int _failures;
    private long _savedAt = time.GetTimestamp();
    private long _mayBuildAt = time.GetTimestamp();

    /// <summary>The project.</summary>
    public string Project => project;

    /// <summary>When a question was last asked.</summary>
    public long AskedAt { get; private set; } = time.GetTimestamp();

    /// <summary>The events that the current build has copied; null when there is no build, or when a file answers meanwhile.</summary>
    public long? Built { get; private set; }

    /// <summary>Whether the file is being written from Postgres.</summary>
    public bool IsBuilding => !_building.IsCompleted;

    /// <summary>What the file knows of itself; null when it is not open.</summary>
    public FileState? State => _file?.State;

    /// <summary>Completes when the current build has ended.</summary>
    public Task Building => _building;

    /// <summary>
    /// Answers statements from one state that has everything that was committed before the call; null when Postgres must
    /// answer.
    /// </summary>
    /// <param name="connections">How many connections the answer takes.</param>
    /// <param name="most">The time that this may take.</param>
    /// <param name="answer">Answers in the time that is left, with connections of its own.</param>
    /// <param name="cancellation">Ends the waiting.</param>
    public async Task<T?> Read<T>(
        int connections, TimeSpan most, Func<IReadOnlyList<DuckDBConnection>, TimeSpan, T> answer, CancellationToken cancellation)
        where T : class
    {
        long asked = time.GetTimestamp();
        AskedAt = asked;
        TimeSpan patience = TimeSpan.FromSeconds(options.PatienceSeconds);
        try
        {
            if (!await CatchUpFromNow().WaitAsync(patience < most ? patience : most, time, cancellation))
            {
                return null;
            }
        }
        catch (TimeoutException)
        {
            // There is much to read. It goes on for the next question.
            return null;
        }

        return _file is not { } file ? null : await file.Read(connections, opened => answer(opened, most - time.GetElapsedTime(asked)));
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

    /// <summary>Begins to write the file from Postgres again when it is worn. It goes on answering until the new one is there.</summary>
    public async Task Refresh()
    {
        // No file is written anew from itself meanwhile: it would be said to be clean, and the one from Postgres would take its place.
        await _work.WaitAsync(_closing.Token);
        try
        {
            if (_file is { State.IsWorn: true })
            {
                BeginToBuild(null);
            }
        }
        finally
        {
            _work.Release();
        }
    }

    /// <summary>Writes the file anew from itself when something of it was deleted. Returns whether it did.</summary>
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
            if (IsBuilding || _file?.State is not { } state || !(mustBeClean || state.HasDeletions))
            {
                return false;
            }

            long began = time.GetTimestamp();
            await Close();
            await Task.Run(() => FileBuilder.Rewrite(path, writer.Limits));
            Open(FileBuilder.NewPath(path));
            await holder.SayClean(project, state.Holder, _file!.State.CleanFrom, _closing.Token);
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

        OpenFile file = _file!;
        string? obstacle = Filling.CatchUp.Obstacle(file.State, snapshot.Mark, id);
        if (obstacle is null)
        {
            CatchUp catchUp = new(file.Writing, snapshot, file.State, options);
            if (await catchUp.Run(_closing.Token) is { } state)
            {
                file.Advance(state, catchUp.HasWritten);
                Save(file, catchUp.HasWritten);
                return true;
            }

            obstacle = "there is too much to bring it up to date";
        }

        await Discard();
        BeginToBuild(obstacle);
        return false;
    }

    /// <summary>Writes the state into the file from time to time, so that the next start has little to read.</summary>
    private void Save(OpenFile file, bool isWritten)
    {
        if (isWritten || time.GetElapsedTime(_savedAt) > SaveEvery)
        {
            file.WriteState();
            _savedAt = time.GetTimestamp();
        }
    }

    /// <summary>Begins to write the file in the background, unless that is being done, or has just failed.</summary>
    /// <param name="reason">Why there is no file; null when there is one that answers meanwhile.</param>
    private void BeginToBuild(string? reason)
    {
        if (_building.IsCompleted && time.GetElapsedTime(_mayBuildAt) >= TimeSpan.Zero && !_closing.IsCancellationRequested)
        {
            _building = Task.Run(() => Build(reason));
        }
    }

    private async Task Build(string? reason)
    {
        long began = time.GetTimestamp(), said = began;
        void Copied(long events)
        {
            Built = _file is null ? events : null;
            if (time.GetElapsedTime(said) > SayEvery)
            {
                said = time.GetTimestamp();
                LogCopied(project, events);
            }
        }

        try
        {
            LogBeginning(reason);
            Built = reason is null ? null : 0;
            long events = await writer.Write(project, path, Copied, _closing.Token);
            FileState state;
            await _work.WaitAsync(_closing.Token);
            try
            {
                await Close();
                Open(FileBuilder.NewPath(path));
                state = _file!.State;
            }
            finally
            {
                _work.Release();
            }

            await holder.SayClean(project, state.Holder, state.CleanFrom, _closing.Token);
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
}
