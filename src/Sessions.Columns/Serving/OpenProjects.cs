using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Sessions.Columns.Asking;
using Sessions.Columns.Files;
using Sessions.Columns.Filling;
using Sessions.Database;

namespace Sessions.Columns.Serving;

/// <summary>The projects whose files are open, and what is asked of them.</summary>
internal sealed class OpenProjects : IAsyncDisposable
{
    private const string Extension = ".duckdb";

    private readonly ColumnsOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly Source _source;
    private readonly FileWriter _writer;
    private readonly StatementRunner _runner;
    private readonly SemaphoreSlim _slots;
    private readonly SemaphoreSlim _change = new(1, 1);
    private readonly Dictionary<string, ProjectColumns> _open = [];

    public OpenProjects(QuestionDataSource database, IOptions<ColumnsOptions> options, TimeProvider time, ILogger<OpenProjects> log, ProcessEnd end)
    {
        _options = options.Value;
        (_time, _log) = (time, log);
        Directory.CreateDirectory(_options.Directory);
        Holder = new Holder(database, _options.Directory);
        _source = new Source(database);
        _writer = new FileWriter(_source, Holder, _options);
        _runner = new StatementRunner(_options, time, end.End);
        _slots = new SemaphoreSlim(_options.AtOnce, _options.AtOnce);
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
    public async Task<IReadOnlyList<ColumnsAnswer>?> Read(
        string project, IReadOnlyList<ColumnsStatement> statements, ColumnsLimits limits, CancellationToken cancellation)
    {
        long asked = _time.GetTimestamp();
        if (!await _slots.WaitAsync(limits.Time, cancellation))
        {
            throw new TimeoutException("Other questions took the time.");
        }

        try
        {
            ProjectColumns columns = await Take(project, cancellation);
            return await columns.Read(statements, limits with { Time = limits.Time - _time.GetElapsedTime(asked) }, _runner, cancellation);
        }
        finally
        {
            _slots.Release();
        }
    }

    /// <summary>The project's file, which is opened when it is not, in the place of the one that was asked least recently.</summary>
    public async Task<ProjectColumns> Take(string project, CancellationToken cancellation)
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
                    leaving = _open.Values.MinBy(one => one.AskedAt)!;
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

    /// <summary>The projects that have a file.</summary>
    public IReadOnlyList<string> Files() =>
        [.. Directory.EnumerateFiles(_options.Directory, "*" + Extension).Select(file => Path.GetFileNameWithoutExtension(file))];

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
        _slots.Dispose();
        _change.Dispose();
    }

    // A project's id has only a to z, 0 to 9, - and _ in it.
    private string PathOf(string project) => ProjectId.IsValid(project)
        ? Path.Combine(_options.Directory, project + Extension)
        : throw new ColumnsRefusedException($"'{project}' is no project id.");
}
