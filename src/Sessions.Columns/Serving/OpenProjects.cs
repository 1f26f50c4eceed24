using System.Collections.Concurrent;
using DuckDB.NET.Data;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;
using Sessions.Columns.Asking;
using Sessions.Columns.Files;
using Sessions.Columns.Filling;

namespace Sessions.Columns.Serving;

/// <summary>The projects whose files are open, and what is asked of them.</summary>
internal sealed class OpenProjects : IAsyncDisposable
{
    private const string Extension = ".duckdb";

    // Each takes a core while it writes. Others wait.
    private const int RowsAtOnce = 2;

    private readonly ColumnsOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly Source _source;
    private readonly FileWriter _writer;
    private readonly StatementRunner _runner;
    private readonly UserSqlRunner _userSql;
    private readonly MemoryGuard _memory;
    private readonly SemaphoreSlim _slots;
    private readonly SemaphoreSlim _sqlSlots;
    private readonly SemaphoreSlim _rowSlots;
    private readonly ConcurrentDictionary<string, int> _writing = new();
    private readonly ConcurrentDictionary<string, long> _totals = new();
    private readonly SemaphoreSlim _change = new(1, 1);
    private readonly Dictionary<string, ProjectColumns> _open = [];

    public OpenProjects(NpgsqlDataSource database, IOptions<ColumnsOptions> options, TimeProvider time, ILogger<OpenProjects> log, ProcessEnd end)
    {
        _options = options.Value;
        (_time, _log) = (time, log);
        // What people did is for this program alone.
        Directory.CreateDirectory(_options.Directory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        Holder = new Holder(database, _options.Directory);
        _source = new Source(database);
        _writer = new FileWriter(_source, Holder, _options);
        _runner = new StatementRunner(_options, time, end.End);
        _userSql = new UserSqlRunner(_options, time, end.End);
        _memory = new MemoryGuard(_options, () => Environment.WorkingSet, time, end.End);
        _slots = new SemaphoreSlim(_options.AtOnce, _options.AtOnce);
        _sqlSlots = new SemaphoreSlim(_options.SqlAtOnce, _options.SqlAtOnce);
        _rowSlots = new SemaphoreSlim(RowsAtOnce, RowsAtOnce);
    }

    /// <summary>This process as a holder of copies.</summary>
    public Holder Holder { get; }

    /// <summary>The open projects now.</summary>
    public IReadOnlyList<ProjectColumns> Open
    {
        get
        {
            lock (_open)
            {
                return [.. _open.Values];
            }
        }
    }

    /// <summary>Answers statements about a project; null when Postgres must answer.</summary>
    /// <exception cref="ColumnsRefusedException">DuckDB refuses a statement.</exception>
    /// <exception cref="TimeoutException">The time is over.</exception>
    public Task<IReadOnlyList<ColumnsAnswer>?> Read(
        string project, IReadOnlyList<ColumnsStatement> statements, ColumnsLimits limits, CancellationToken cancellation) => InTurn(
            _slots,
            project,
            StatementRunner.ConnectionsFor(statements.Count),
            limits.Time,
            (connections, left, over) => _runner.Run(connections, statements, left, limits.Rows, over, cancellation),
            cancellation);

    /// <summary>
    /// The percentage of a project's events that its file has, while the file is written; else null. Below 100 until it is
    /// done.
    /// </summary>
    /// <exception cref="NpgsqlException">Postgres is away.</exception>
    public async Task<int?> PercentOf(ProjectColumns project, CancellationToken cancellation)
    {
        if (project.Built is not { } built)
        {
            _totals.TryRemove(project.Project, out _);
            return null;
        }

        if (!_totals.TryGetValue(project.Project, out long total))
        {
            _totals[project.Project] = total = await _source.CountEvents(project.Project, cancellation);
        }

        return total <= 0 ? 0 : (int)Math.Min(99, built * 100 / total);
    }

    /// <summary>Makes an empty file for rows between a statement and their reader.</summary>
    public Spool MakeSpool() => new(_options.Directory, _options.TemporaryMegabytes * 1_000_000L);

    /// <summary>Writes all rows of a statement; null when Postgres must answer.</summary>
    /// <exception cref="ColumnsRefusedException">DuckDB refuses the statement.</exception>
    /// <exception cref="IOException">There is no room for the rows.</exception>
    /// <exception cref="TimeoutException">The time is over.</exception>
    public async Task<Spool?> WriteRows(string project, ColumnsStatement statement, TimeSpan most, Spool spool, CancellationToken cancellation)
    {
        _writing.AddOrUpdate(project, 1, (_, count) => count + 1);
        try
        {
            return await InTurn(
                _rowSlots,
                project,
                1,
                most,
                (connections, left, over) => _runner.WriteRows(connections[0], statement, left, spool, over, cancellation),
                cancellation);
        }
        finally
        {
            _writing.AddOrUpdate(project, 0, (_, count) => count - 1);
        }
    }

    /// <summary>
    /// Whether rows of a project are being written. Its file is not written anew then: the old one stays until its last reader
    /// has left, and questions would wait for that.
    /// </summary>
    public bool IsWritingRows(string project) => _writing.GetValueOrDefault(project) > 0;

    /// <summary>Answers a person's question; null when Postgres must answer, also when others have taken all turns for too long.</summary>
    /// <exception cref="ColumnsRefusedException">The question is refused.</exception>
    /// <exception cref="ColumnsMemoryException">The process took too much memory.</exception>
    /// <exception cref="TimeoutException">The time is over.</exception>
    public async Task<ColumnsAnswer?> Read(UserQuestion question, CancellationToken cancellation)
    {
        long asked = _time.GetTimestamp();
        TimeSpan patience = TimeSpan.FromSeconds(_options.PatienceSeconds);
        if (!await _sqlSlots.WaitAsync(patience < question.Time ? patience : question.Time, cancellation))
        {
            return null;
        }

        return await _memory.Watch(
            watched => Taken(
                new Slot(_sqlSlots),
                question.Project,
                1,
                question.Time - _time.GetElapsedTime(asked),
                (connections, left, over) => _userSql.Run(connections[0], question, left, over, watched),
                watched),
            cancellation);
    }

    /// <summary>
    /// The project's file, which is opened when it is not, in the place of the one that was asked least recently. Null when all
    /// others are being written.
    /// </summary>
    public async Task<ProjectColumns?> Take(string project, CancellationToken cancellation)
    {
        lock (_open)
        {
            if (_open.TryGetValue(project, out ProjectColumns? open))
            {
                return open;
            }
        }

        await _change.WaitAsync(cancellation);
        try
        {
            ProjectColumns? leaving = null;
            ProjectColumns taken;
            lock (_open)
            {
                if (_open.TryGetValue(project, out ProjectColumns? open))
                {
                    return open;
                }

                if (_open.Count >= _options.MaxOpen)
                {
                    // One that is being written stays: else projects in turn would begin and never end.
                    leaving = _open.Values.Where(one => !one.IsBuilding).MinBy(one => one.AskedAt);
                    if (leaving is null)
                    {
                        return null;
                    }

                    _open.Remove(leaving.Project);
                }

                taken = new ProjectColumns(project, PathOf(project), Holder, _source, _writer, _options, _time, _log);
                if (leaving is null)
                {
                    _open.Add(project, taken);
                    return taken;
                }
            }

            await leaving.DisposeAsync();
            lock (_open)
            {
                _open.Add(project, taken);
            }

            return taken;
        }
        finally
        {
            _change.Release();
        }
    }

    /// <summary>Deletes the file of a project, whether it is open or not.</summary>
    public async Task Delete(string project, CancellationToken cancellation)
    {
        await _change.WaitAsync(cancellation);
        try
        {
            ProjectColumns? open;
            lock (_open)
            {
                _open.Remove(project, out open);
            }

            if (open is not null)
            {
                await open.Delete();
                await open.DisposeAsync();
            }

            DuckFile.Delete(PathOf(project));
            if (Holder.Id is { } id)
            {
                await Holder.RemoveCopy(project, id, cancellation);
            }
        }
        finally
        {
            _change.Release();
        }
    }

    /// <summary>The projects that have a file, the one that was written last first.</summary>
    public IReadOnlyList<string> Files() =>
        [.. Directory.EnumerateFiles(_options.Directory, "*" + Extension).OrderByDescending(File.GetLastWriteTimeUtc).Select(file => Path.GetFileNameWithoutExtension(file))];

    /// <summary>The size of all files.</summary>
    public long Bytes() => new DirectoryInfo(_options.Directory).EnumerateFiles("*", SearchOption.AllDirectories).Sum(file => file.Length);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (ProjectColumns project in Open)
        {
            await project.DisposeAsync();
        }

        lock (_open)
        {
            _open.Clear();
        }

        _writer.Dispose();
        Holder.Dispose();
        _memory.Dispose();
        _slots.Dispose();
        _sqlSlots.Dispose();
        _rowSlots.Dispose();
        _change.Dispose();
    }

    private async Task<T?> InTurn<T>(
        SemaphoreSlim slots,
        string project,
        int connections,
        TimeSpan most,
        Func<IReadOnlyList<DuckDBConnection>, TimeSpan, Action, T> answer,
        CancellationToken cancellation)
        where T : class
    {
        long asked = _time.GetTimestamp();
        if (!await slots.WaitAsync(most, cancellation))
        {
            throw new TimeoutException("Other questions took the time.");
        }

        return await Taken(new Slot(slots), project, connections, most - _time.GetElapsedTime(asked), answer, cancellation);
    }

    /// <summary>
    /// Answers in a slot, which becomes free when the answer is there, or when its time is over: a statement that does not obey its
    /// cancel must not keep others waiting until the process ends.
    /// </summary>
    private async Task<T?> Taken<T>(
        Slot slot,
        string project,
        int connections,
        TimeSpan most,
        Func<IReadOnlyList<DuckDBConnection>, TimeSpan, Action, T> answer,
        CancellationToken cancellation)
        where T : class
    {
        using (slot)
        {
            return await Take(project, cancellation) is { } columns
                ? await columns.Read(connections, most, (opened, left) => answer(opened, left, slot.Dispose), cancellation)
                : null;
        }
    }

    // A project's id has only a to z, 0 to 9, - and _ in it.
    private string PathOf(string project) => ProjectId.IsValid(project)
        ? Path.Combine(_options.Directory, project + Extension)
        : throw new ColumnsRefusedException($"'{project}' is no project id.");

    /// <summary>One of the slots, which is given back once.</summary>
    private sealed class Slot(SemaphoreSlim slots) : IDisposable
    {
        private int _isFree;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _isFree, 1) == 0)
            {
                slots.Release();
            }
        }
    }
}
